package io.pgmatch.bench;

import io.pgmatch.model.PgmatchException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Matcher processes with a worker each that drain a pool again and again. Used by one thread. */
final class MatcherGroup implements AutoCloseable {
    private static final Duration END_WAIT = Duration.ofSeconds(30);

    /** Many of them must fit side by side; each would take a quarter of the memory. */
    private static final String HEAP = "-Xmx512m";

    private final Bench bench;
    private final BenchPool pool;
    private final List<MatcherProcess> processes = new ArrayList<>();

    private MatcherGroup(Bench bench, BenchPool pool) {
        this.bench = bench;
        this.pool = pool;
    }

    /** Starts so many, on a pool of their own, in which there is nothing yet. */
    static MatcherGroup start(Bench bench, DrainWork work, int count) throws InterruptedException {
        MatcherGroup group = new MatcherGroup(
                bench, bench.createPool("scale-" + count, work.rule().rule()));
        try {
            for (int i = 0; i < count; i++) {
                group.processes.add(bench.start(
                        List.of(HEAP),
                        List.of("run", "--pools", group.pool.name(), "--batch", Integer.toString(work.batch()))));
            }
            for (MatcherProcess process : group.processes) {
                process.awaitReady();
            }
            return group;
        } catch (PgmatchException | InterruptedException e) {
            group.close();
            throw e;
        }
    }

    /** Has them drain the pool, filled with that work, checks that it was done right, and empties it. */
    Drained drain(DrainWork work) throws InterruptedException {
        work.fill(bench, pool);
        double seconds = new Drain(bench, pool).time(() -> {
            if (!processes.stream().allMatch(MatcherProcess::isAlive)) {
                throw new PgmatchException("bench: a matcher has ended by itself");
            }
            return 0;
        });
        bench.progress().begin("auditing", 1);
        long pairs = bench.requireDrained(pool, work.tasks());
        pool.clear();
        return new Drained(pairs, seconds, 0);
    }

    /** Stops them in order; returns how many partners they could not take because others held them, in all. */
    long stop() throws InterruptedException {
        // All of them first: each then finishes while the others do. A second signal would cut it short.
        processes.forEach(MatcherProcess::terminate);
        long contended = 0;
        for (MatcherProcess process : processes) {
            process.awaitEnd(END_WAIT);
            contended += process.contended();
        }
        return contended;
    }

    @Override
    public void close() {
        processes.forEach(MatcherProcess::close);
        pool.close();
    }
}
