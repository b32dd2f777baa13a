package io.pgmatch.bench;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.Matcher;
import io.pgmatch.MatcherConfig;
import io.pgmatch.TaskBuffer;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.TaskId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code steady}: how long a pair takes while tasks come in at a steady rate.
 *
 * <p>Measured from the commit of the later task to the commit of the pair, by the commit timestamps of the
 * server, for every pair. The server takes such a timestamp when it begins to commit: before it writes the log to disk, and
 * before others see the rows. So the figure holds the task's own wait for the disk, the wake-up, and the round, and ends where the wait for
 * the disk of the pair begins. How long that takes stands beside it: the trips with which the rounds of the matcher end, as
 * it sees them.
 */
@Command(
        description = {
            "Tasks come through a TaskBuffer at a steady rate into a pool in which many wait that fit nobody; each"
                    + " newcomer has exactly one partner. Measures, by the commit timestamps of the server, from the"
                    + " commit of the later task to the commit of the pair."
        })
public final class SteadyScenario implements Scenario {
    private static final int RATE_MAX = 100_000;
    private static final int SECONDS_MAX = 86_400;
    private static final int WAITING_MAX = 100_000_000;
    private static final int WORKERS_MAX = 64;
    private static final int BUFFER_CONNECTIONS = 2;
    private static final Duration LAST_PAIRS_WAIT = Duration.ofMinutes(1);
    private static final Duration LAST_PAIRS_PAUSE = Duration.ofMillis(50);
    private static final long SECOND_MICROS = TimeUnit.SECONDS.toMicros(1);
    private static final Target P50 = Target.atMost(5);
    private static final Target P99 = Target.atMost(25);

    private static final String COMMITS = """
            SELECT (extract(epoch FROM first_inserted_at) * 1000000)::bigint,
                   (extract(epoch FROM second_inserted_at) * 1000000)::bigint,
                   (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint
            FROM pgmatch.matched_pairs WHERE pool = ?
            """;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Tasks a second; default: ${DEFAULT-VALUE}.",
            defaultValue = "1000")
    private int rate;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long is measured; default: ${DEFAULT-VALUE}.",
            defaultValue = "60")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description = "How long tasks come in before; default: ${DEFAULT-VALUE}.",
            defaultValue = "10")
    private int warmUpSeconds;

    @Option(
            names = "--waiting",
            paramLabel = "N",
            description = "Tasks that wait and fit nobody; default: ${DEFAULT-VALUE}.",
            defaultValue = "1000000")
    private int waiting;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Workers of the matcher; default: ${DEFAULT-VALUE}.",
            defaultValue = "1")
    private int workers;

    @Option(
            names = "--process",
            description = "Has the matcher be a process of its own, instead of a part of this one.")
    private boolean process;

    @Override
    public String name() {
        return "steady";
    }

    @Override
    public void check() {
        Rounds.requireWithin("--rate", rate, 1, RATE_MAX);
        Rounds.requireWithin("--seconds", seconds, 1, SECONDS_MAX);
        Rounds.requireWithin("--warm-up", warmUpSeconds, 0, SECONDS_MAX);
        Rounds.requireWithin("--waiting", waiting, 0, WAITING_MAX);
        Rounds.requireWithin("--workers", workers, 1, WORKERS_MAX);
    }

    @Override
    public Result run(Bench bench) throws Exception {
        if (!bench.sql().text("SHOW track_commit_timestamp").equals("on")) {
            throw new PgmatchException("bench steady: wanted a server with track_commit_timestamp = on, got off");
        }
        try (BenchPool pool = bench.createPool("steady", Arrivals.RULE)) {
            pool.pause();
            pool.insert(Arrivals.WAITING, waiting);
            double parkSeconds = new Drain(bench, pool)
                    .byWorkers(workers, MatcherConfig.CLAIM_BATCH_DEFAULT)
                    .seconds();
            bench.progress().begin("vacuum and checkpoint", 1);
            bench.settle();
            long pairs = (long) rate * (warmUpSeconds + seconds) / 2;
            Feed feed = new Feed(pairs);
            Histogram commitMicros = null;
            if (process) {
                try (MatcherProcess matcher = bench.start(
                        List.of(), List.of("run", "--pools", pool.name(), "--workers", Integer.toString(workers)))) {
                    matcher.awaitReady();
                    feed(bench, pool, feed);
                    matcher.stop();
                }
            } else {
                commitMicros = feedOwnMatcher(bench, pool, feed);
            }
            return result(bench, pool, feed, commitMicros, parkSeconds);
        }
    }

    private Histogram feedOwnMatcher(Bench bench, BenchPool pool, Feed feed) throws Exception {
        int connections = Bench.settings(workers, 1).connections();
        try (HikariDataSource source = bench.open(connections)) {
            WatchedSource watched = new WatchedSource(source);
            try (Matcher matcher = Matcher.builder(watched.dataSource())
                    .pools(List.of(pool.name()))
                    .workers(workers)
                    .build()) {
                matcher.start();
                feed(bench, pool, feed);
                matcher.requireAlive();
            }
            return watched.commitMicros();
        }
    }

    /** Feeds the pool, and waits for the last pair. */
    private void feed(Bench bench, BenchPool pool, Feed feed) throws InterruptedException {
        try (FlushLog log = new FlushLog(bench.sql(), pool.name())) {
            log.start();
            try (HikariDataSource source = bench.open(BUFFER_CONNECTIONS);
                    TaskBuffer buffer = TaskBuffer.builder(source).build()) {
                buffer.start();
                feed.run(bench, pool, buffer);
            }
            feed.requireAllInserted();
            long deadline = System.nanoTime() + LAST_PAIRS_WAIT.toNanos();
            while (pool.pairs() < feed.pairs && System.nanoTime() < deadline) {
                Thread.sleep(LAST_PAIRS_PAUSE.toMillis());
            }
            feed.commits = log.finish();
        }
    }

    /** The producer, and what it saw. */
    private final class Feed {
        private final long pairs;
        private final Histogram acknowledgedMicros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(10), 3);
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private Map<Long, Long> commits = Map.of();
        private long latestMicros;

        private Feed(long pairs) {
            this.pairs = pairs;
        }

        private void run(Bench bench, BenchPool pool, TaskBuffer buffer) {
            bench.progress().begin("feeding", 2 * pairs);
            Arrivals arrivals = new Arrivals(pairs, waiting);
            double intervalNanos = 1e9 / rate;
            long start = System.nanoTime();
            long measuredFrom = start + TimeUnit.SECONDS.toNanos(warmUpSeconds);
            for (long i = 0; i < 2 * pairs; i++) {
                long due = start + (long) (i * intervalNanos);
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                latestMicros = Math.max(latestMicros, (System.nanoTime() - due) / 1_000);
                CompletableFuture<TaskId> inserted =
                        buffer.submit(new NewTask(pool.name(), null, arrivals.next(), null));
                inserted.whenComplete((id, e) -> {
                    if (e != null) {
                        failure.compareAndSet(null, e);
                    } else if (due >= measuredFrom) {
                        // From when it was due: a producer that falls behind must not hide it.
                        acknowledgedMicros.recordValue((System.nanoTime() - due) / 1_000);
                    }
                });
                if (i % rate == 0) {
                    bench.progress().at(i);
                }
            }
        }

        private void requireAllInserted() {
            Throwable e = failure.get();
            if (e != null) {
                throw new PgmatchException("bench steady: a task was not inserted: " + e.getMessage(), e);
            }
        }
    }

    private Result result(
            Bench bench, BenchPool pool, Feed feed, @Nullable Histogram commitMicros, double parkSeconds) {
        bench.progress().begin("auditing", 1);
        long made = bench.requireDrained(pool, waiting + 2 * feed.pairs);
        if (made != feed.pairs || pool.waiting() != waiting) {
            throw new PgmatchException("bench steady: wanted " + feed.pairs + " pairs, got " + made);
        }
        Histogram pairMicros = pairMicros(bench, pool, feed.commits);
        List<Figure> figures = new ArrayList<>();
        figures.add(Percentiles.of("pair", pairMicros, 50).mustReach(P50));
        figures.add(Percentiles.of("pair", pairMicros, 99).mustReach(P99));
        figures.addAll(Percentiles.of("pair", pairMicros, List.of(90.0, 99.9)));
        if (commitMicros != null) {
            figures.addAll(Percentiles.of("end of a round", commitMicros, List.of(50.0, 99.0)));
        }
        figures.addAll(Percentiles.of("acknowledgement", feed.acknowledgedMicros, List.of(50.0, 99.0)));
        return new Result(
                figures,
                List.of(
                        "From the commit of the later task to the commit of the pair, by the commit timestamps of the"
                                + " server, which takes them before it writes its log to disk: the task's wait for the"
                                + " disk is in it, the pair's is not. It is the better part of the end of a round, beside"
                                + " it: the trip that commits, and mostly records the pairs and puts the others to rest.",
                        "%,d pairs were measured of %,d made, all that there were to make; the first %d s are left out."
                                .formatted(pairMicros.getTotalCount(), made, warmUpSeconds),
                        "%,d tasks waited that fit nobody, in the buckets of the newcomers; the matcher had put them to"
                                        .formatted(waiting)
                                + " rest in %.1f s. Then VACUUM ANALYZE and CHECKPOINT.".formatted(parkSeconds),
                        "An acknowledgement counts from when its task was due; the producer was late by %.1f ms at most."
                                .formatted(feed.latestMicros / 1_000.0),
                        process
                                ? "The matcher was a process of its own."
                                : "The matcher was in the producer's process."));
    }

    private Histogram pairMicros(Bench bench, BenchPool pool, Map<Long, Long> commits) {
        long measuredFrom =
                commits.values().stream().mapToLong(Long::longValue).min().orElse(0) + warmUpSeconds * SECOND_MICROS;
        Histogram micros = new Histogram(TimeUnit.MINUTES.toMicros(10), 3);
        bench.sql().with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(COMMITS)) {
                statement.setString(1, pool.name());
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        long later = Math.max(commitOf(commits, rows.getLong(1)), commitOf(commits, rows.getLong(2)));
                        if (later >= measuredFrom) {
                            // Below zero is a fault of the measurement, which the histogram refuses.
                            micros.recordValue(rows.getLong(3) - later);
                        }
                    }
                }
            }
            return null;
        });
        return micros;
    }

    private static long commitOf(Map<Long, Long> commits, long insertedAt) {
        Long commit = commits.get(insertedAt);
        if (commit == null) {
            throw new PgmatchException("bench steady: a flush went by unseen; is this machine too slow for --rate?");
        }
        return commit;
    }
}
