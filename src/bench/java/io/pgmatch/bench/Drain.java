package io.pgmatch.bench;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.Matcher;
import io.pgmatch.model.PgmatchException;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Times how long matchers take to drain a pool.
 *
 * <p>The clock is the database's. It starts when the pool, in which the tasks wait and which the matchers have been
 * watching, paused, is resumed; the matchers that listen are then called, as an insert would do. It stops at the
 * last commit that made a pair or put a task to rest. So the start of a process does not count, and everything
 * from the first claim to the last commit does. Where the server keeps no commit timestamps it stops
 * when the drain is noticed, up to a tenth of the time of a look later.
 */
final class Drain {
    private static final Duration LOOK_PAUSE = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofHours(2);

    /** A look at the end of a claim index full of dead entries takes time that is taken from the matchers. */
    private static final int LOOK_SHARE = 20;

    /** A matcher that was not listening yet when it was called the first time. */
    private static final int CALLS = 5;

    private final Bench bench;
    private final BenchPool pool;

    /** As the last look found it: the next one is not to walk over all that was deleted before. */
    private long lowestFreshId = Long.MIN_VALUE;

    /** A drain of a paused pool. */
    Drain(Bench bench, BenchPool pool) {
        this.bench = bench;
        this.pool = pool;
    }

    /** By a matcher in this process, as programs embed it; each worker has a connection. */
    Drained byWorkers(int workers, int batch) throws InterruptedException {
        int connections = Bench.settings(workers, batch).connections();
        try (HikariDataSource source = bench.open(connections);
                Matcher matcher = Matcher.builder(source)
                        .pools(List.of(pool.name()))
                        .workers(workers)
                        .batch(batch)
                        .build()) {
            matcher.start();
            double seconds = time(() -> {
                matcher.requireAlive();
                return matcher.counts().pairs();
            });
            matcher.close();
            return new Drained(pool.pairs(), seconds, matcher.counts().contended());
        }
    }

    /**
     * Resumes the pool and waits until nothing is left to do in it.
     *
     * @param pairsSoFar how many pairs there are, for those who watch
     * @return how many seconds it took
     */
    double time(LongSupplier pairsSoFar) throws InterruptedException {
        bench.progress().begin("draining", pool.waiting() / 2);
        String start = bench.sql().text("SELECT clock_timestamp()");
        pool.resume();
        long begun = System.nanoTime();
        long deadline = begun + PATIENCE.toNanos();
        for (int looks = 1; ; looks++) {
            long look = System.nanoTime();
            if (isDrained()) {
                break;
            }
            if (looks < CALLS) {
                pool.call();
            }
            long now = System.nanoTime();
            if (now > deadline) {
                throw new PgmatchException("bench: not drained within " + PATIENCE.toMinutes() + " minutes");
            }
            bench.progress().at(pairsSoFar.getAsLong());
            Thread.sleep(Math.max(LOOK_PAUSE.toMillis(), LOOK_SHARE * (now - look) / 1_000_000));
        }
        double noticed = (System.nanoTime() - begun) / 1e9;
        return lastCommitAfter(start, noticed);
    }

    /** Nothing is due, nor asleep for a while because a partner was held. */
    private boolean isDrained() {
        List<String> fresh = bench.sql().texts("""
                SELECT f.id FROM pgmatch.tasks AS f
                WHERE f.pool = ? AND f.search_at = '-infinity' AND f.id >= ? ORDER BY f.id LIMIT 1
                """, pool.name(), lowestFreshId);
        if (!fresh.isEmpty()) {
            lowestFreshId = Long.parseLong(fresh.get(0));
            return false;
        }
        return bench.sql()
                .text(
                        "SELECT NOT EXISTS (SELECT FROM pgmatch.tasks WHERE pool = ? AND search_at < 'infinity')",
                        pool.name())
                .equals("t");
    }

    private double lastCommitAfter(String start, double noticed) {
        if (!bench.sql().text("SHOW track_commit_timestamp").equals("on")) {
            return noticed;
        }
        return Double.parseDouble(bench.sql().text("""
                        SELECT extract(epoch FROM greatest(
                            (SELECT max(pg_xact_commit_timestamp(xmin)) FROM pgmatch.matched_pairs WHERE pool = ?),
                            (SELECT max(pg_xact_commit_timestamp(xmin)) FROM pgmatch.tasks WHERE pool = ?))
                            - ?::timestamptz)
                        """, pool.name(), pool.name(), start));
    }
}
