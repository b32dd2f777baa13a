package io.pgmatch.bench;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.Matcher;
import io.pgmatch.model.PgmatchException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code idle}: what matchers cost while nothing is to do, and how soon they are there when something is. */
@Command(
        description = {
            "Matchers over many empty pools: how many statements each executes while nothing happens, and how long a"
                    + " pair takes, from commit to commit, when two tasks come then."
        })
public final class IdleScenario implements Scenario {
    private static final int MATCHERS_MAX = 20;
    private static final int POOLS_MAX = 100_000;
    private static final int SECONDS_MAX = 86_400;
    private static final long PAUSE_SPREAD_MILLIS_MAX = 2_000;
    private static final int WARM_UP_PAUSE_MILLIS = 10;
    private static final int SAMPLES_MAX = 100_000;
    private static final Target STATEMENTS = Target.atMost(2);
    private static final Target P99 = Target.atMost(20);
    private static final Duration PAIR_WAIT = Duration.ofSeconds(30);
    private static final Duration LOOK_PAUSE = Duration.ofMillis(10);

    private static final String RULE = """
            {"attributes": {"k": {"type": "number"}}, "match": [{"equal": "k"}]}
            """;

    private static final String INSERT = """
            INSERT INTO pgmatch.tasks (pool, attributes)
            SELECT ?, '{"k": 1}' FROM generate_series(1, ?) RETURNING id, xmin::text
            """;

    private static final String LATENCY = """
            SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin) - pg_xact_commit_timestamp(?::text::xid))
                * 1000000)::bigint
            FROM pgmatch.matched_pairs WHERE pool = ? AND second_id = ?
            """;

    private static final String ASLEEP =
            "SELECT count(*) FROM pgmatch.sleeping_matchers WHERE asleep_until > now() AND matcher ^@ 'bench-idle-'";

    private static final String TRANSACTIONS = """
            SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()
            """;

    @Option(
            names = "--matchers",
            paramLabel = "N",
            description = "Matchers, with a worker each; default: ${DEFAULT-VALUE}.",
            defaultValue = "4")
    private int matchers;

    @Option(
            names = "--pools",
            paramLabel = "N",
            description = "Empty pools; default: ${DEFAULT-VALUE}.",
            defaultValue = "1000")
    private int pools;

    @Option(
            names = "--settle",
            paramLabel = "SECONDS",
            description = "How long they are left alone before; default: ${DEFAULT-VALUE}.",
            defaultValue = "15")
    private int settleSeconds;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long statements are counted; default: ${DEFAULT-VALUE}.",
            defaultValue = "60")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            description = "Pairs of tasks that come first of all, 10 to 30 ms apart, and are not measured;"
                    + " default: ${DEFAULT-VALUE}.",
            defaultValue = "200")
    private int warmUpPairs;

    @Option(
            names = "--pairs",
            paramLabel = "N",
            description = "Pairs of tasks that then come, one after the other; default: ${DEFAULT-VALUE}.",
            defaultValue = "100")
    private int pairs;

    @Option(
            names = "--pause",
            paramLabel = "MILLIS",
            description = "Pause before each insert, or up to 2 s longer; default: ${DEFAULT-VALUE}.",
            defaultValue = "1000")
    private int pauseMillis;

    @Option(
            names = "--long-pairs",
            paramLabel = "N",
            description = "Pairs of tasks that come after longer pauses; default: ${DEFAULT-VALUE}.",
            defaultValue = "10")
    private int longPairs;

    @Option(
            names = "--long-pause",
            paramLabel = "MILLIS",
            description = "Pause before each of those: longer than matchers look often after work;"
                    + " default: ${DEFAULT-VALUE}.",
            defaultValue = "11000")
    private int longPauseMillis;

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public void check() {
        Rounds.requireWithin("--matchers", matchers, 1, MATCHERS_MAX);
        Rounds.requireWithin("--pools", pools, 1, POOLS_MAX);
        Rounds.requireWithin("--settle", settleSeconds, 0, SECONDS_MAX);
        Rounds.requireWithin("--seconds", seconds, 1, SECONDS_MAX);
        Rounds.requireWithin("--warm-up", warmUpPairs, 0, SAMPLES_MAX);
        Rounds.requireWithin("--pairs", pairs, 1, SAMPLES_MAX);
        Rounds.requireWithin("--pause", pauseMillis, 0, TimeUnit.SECONDS.toMillis(SECONDS_MAX));
        Rounds.requireWithin("--long-pairs", longPairs, 0, SAMPLES_MAX);
        Rounds.requireWithin("--long-pause", longPauseMillis, 0, TimeUnit.SECONDS.toMillis(SECONDS_MAX));
    }

    @Override
    public Result run(Bench bench) throws Exception {
        if (!bench.sql().text("SHOW track_commit_timestamp").equals("on")) {
            throw new PgmatchException("bench idle: wanted a server with track_commit_timestamp = on, got off");
        }
        List<String> names = new ArrayList<>();
        bench.progress().begin("creating pools", pools);
        for (int i = 0; i < pools; i++) {
            names.add(bench.createPool("idle", RULE).name());
            bench.progress().at(i);
        }
        List<Idler> idlers = new ArrayList<>();
        try {
            for (int i = 0; i < matchers; i++) {
                idlers.add(new Idler(bench, "bench-idle-" + i, names));
            }
            new Newcomers(bench, names).run(warmUpPairs, WARM_UP_PAUSE_MILLIS);
            Quiet quiet = quiet(bench, idlers);
            Newcomers newcomers = new Newcomers(bench, names);
            newcomers.run(pairs, pauseMillis);
            newcomers.run(longPairs, longPauseMillis);
            return result(quiet, newcomers);
        } finally {
            idlers.forEach(Idler::close);
        }
    }

    /** A matcher whose statements are counted. */
    private static final class Idler implements AutoCloseable {
        private final HikariDataSource source;
        private final WatchedSource watched;
        private final Matcher matcher;

        Idler(Bench bench, String name, List<String> pools) {
            source = bench.open(Bench.settings(1, 1).connections());
            watched = new WatchedSource(source);
            Matcher.Builder builder = Matcher.builder(watched.dataSource()).name(name);
            if (!bench.hasOwnServer()) {
                // The tasks of others are none of ours.
                builder.pools(pools);
            }
            matcher = builder.build();
            matcher.start();
        }

        long statements() {
            matcher.requireAlive();
            return watched.statements();
        }

        @Override
        public void close() {
            matcher.close();
            source.close();
        }
    }

    /** What was executed while nothing happened, a second: by each matcher, and by all as the server counts. */
    private record Quiet(List<Double> statements, double transactions) {}

    private Quiet quiet(Bench bench, List<Idler> idlers) throws InterruptedException {
        bench.progress().begin("settling", 1);
        TimeUnit.SECONDS.sleep(settleSeconds);
        bench.progress().begin("counting", seconds);
        long transactions = bench.sql().number(TRANSACTIONS);
        List<Long> before = idlers.stream().map(Idler::statements).toList();
        long start = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        double elapsed = (System.nanoTime() - start) / 1e9;
        List<Double> statements = new ArrayList<>();
        for (int i = 0; i < idlers.size(); i++) {
            statements.add((idlers.get(i).statements() - before.get(i)) / elapsed);
        }
        return new Quiet(statements, (bench.sql().number(TRANSACTIONS) - transactions) / elapsed);
    }

    /** Inserts pairs of tasks now and then, each into some pool. */
    private final class Newcomers {
        private final Bench bench;
        private final List<String> pools;
        private final SplittableRandom random = new SplittableRandom(42);
        private final Histogram micros = new Histogram(TimeUnit.MINUTES.toMicros(10), 3);
        private final Histogram togetherMicros = new Histogram(TimeUnit.MINUTES.toMicros(10), 3);
        private final Histogram apartMicros = new Histogram(TimeUnit.MINUTES.toMicros(10), 3);
        private int inserts;
        private int allAsleep;

        Newcomers(Bench bench, List<String> pools) {
            this.bench = bench;
            this.pools = pools;
        }

        void run(int count, int leastMillis) {
            bench.progress().begin("inserting now and then", count);
            for (int i = 0; i < count; i++) {
                bench.progress().at(i);
                String pool = pools.get(random.nextInt(pools.size()));
                // In turns both at once, and the one long after the other: then the one parks, and the other wakes.
                boolean together = i % 2 == 0;
                bench.sql().with(connection -> {
                    if (!together) {
                        pause(leastMillis);
                        insert(connection, pool, 1);
                    }
                    pause(leastMillis);
                    long latency = insert(connection, pool, together ? 2 : 1).awaitPair(connection);
                    micros.recordValue(latency);
                    (together ? togetherMicros : apartMicros).recordValue(latency);
                    return null;
                });
            }
        }

        private void pause(int leastMillis) throws SQLException {
            try {
                Thread.sleep(random.nextLong(leastMillis, longest(leastMillis) + 1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("interrupted", e);
            }
        }

        private Inserted insert(Connection connection, String pool, int tasks) throws SQLException {
            inserts++;
            if (bench.sql().number(ASLEEP) == matchers) {
                allAsleep++;
            }
            try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
                statement.setString(1, pool);
                statement.setInt(2, tasks);
                Inserted last = null;
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        last = new Inserted(pool, rows.getLong(1), rows.getString(2));
                    }
                }
                if (last == null) {
                    throw new SQLException("INSERT returned nothing");
                }
                return last;
            }
        }
    }

    /** The task that was inserted last, and its transaction. */
    private record Inserted(String pool, long id, String transaction) {
        /** Waits for its pair; returns how many microseconds after the task it was committed. */
        long awaitPair(Connection connection) throws SQLException {
            long deadline = System.nanoTime() + PAIR_WAIT.toNanos();
            try (PreparedStatement statement = connection.prepareStatement(LATENCY)) {
                statement.setString(1, transaction);
                statement.setString(2, pool);
                statement.setLong(3, id);
                while (System.nanoTime() < deadline) {
                    // Nothing is asked in the first moment, in which the pair should come.
                    Thread.sleep(LOOK_PAUSE.toMillis());
                    try (ResultSet rows = statement.executeQuery()) {
                        if (rows.next()) {
                            return rows.getLong(1);
                        }
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new PgmatchException(
                    "bench idle: task " + id + " was not paired within " + PAIR_WAIT.toSeconds() + " s");
        }
    }

    private static long longest(long leastMillis) {
        return Math.min(3 * leastMillis, leastMillis + PAUSE_SPREAD_MILLIS_MAX);
    }

    private Result result(Quiet quiet, Newcomers newcomers) {
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.of("a matcher", "statements/s", quiet.statements()).mustReach(STATEMENTS));
        figures.add(Percentiles.of("pair", newcomers.micros, 99).mustReach(P99));
        figures.addAll(Percentiles.of("pair", newcomers.micros, List.of(50.0)));
        figures.addAll(Percentiles.of("both in one INSERT", newcomers.togetherMicros, List.of(50.0)));
        if (newcomers.apartMicros.getTotalCount() > 0) {
            figures.addAll(Percentiles.of("one long after the other", newcomers.apartMicros, List.of(50.0)));
        }
        figures.add(Figure.of("all matchers, as the server counts", "transactions/s", quiet.transactions()));
        return new Result(
                figures,
                List.of(
                        "%d matchers in this process, a worker each, over %,d empty pools; statements were counted for %d s,"
                                        .formatted(matchers, pools, seconds)
                                + " %d s after a warm-up, one value for each matcher.".formatted(settleSeconds),
                        "What the connection pool asks at each look to see whether the connection still lives is an empty"
                                + " query, no statement; among the transactions of the server it counts, and so does"
                                + " autovacuum.",
                        "Pairs from the commit of the later task to the commit of the pair, by the commit timestamps of"
                                + " the server, which takes them before it writes its log to disk.",
                        "%,d pairs of tasks, each in some pool: %,d after pauses of %,d to %,d ms, %,d of %,d to %,d ms."
                                .formatted(
                                        newcomers.micros.getTotalCount(),
                                        pairs,
                                        pauseMillis,
                                        longest(pauseMillis),
                                        longPairs,
                                        longPauseMillis,
                                        longest(longPauseMillis)),
                        "%,d of %,d inserts found all matchers asleep, so that NOTIFY called them."
                                .formatted(newcomers.allAsleep, newcomers.inserts)));
    }
}
