package io.pgmatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.embedded.BundledPostgresOptions;
import io.pgmatch.model.PoolAudit;
import io.pgmatch.testing.PgmatchProcess;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The contract under faults: several matcher processes on one server, inserts going on, while processes
 * are killed or stand still, connections are cut and the server crashes. Each test counts its faults.
 */
@Timeout(180)
final class SeveralMatchersIT {
    private static final int MATCHERS = 4;
    private static final int TASKS = 20_000;
    private static final int INSERT_BATCH = 200;
    private static final Duration INSERT_PERIOD = Duration.ofMillis(30);
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private static final AtomicInteger DATABASES = new AtomicInteger();

    private static BundledPostgres server;

    private final List<PgmatchProcess> matchers = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);
    private final AtomicInteger inserted = new AtomicInteger();
    private final AtomicInteger insertsFailed = new AtomicInteger();
    private final AtomicInteger faults = new AtomicInteger();

    private String database;
    private String url;
    private Pgmatch pgmatch;

    @BeforeAll
    static void startServer() {
        server = BundledPostgres.start(BundledPostgresOptions.throwaway());
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    @BeforeEach
    void createDatabase() {
        database = "several_" + DATABASES.incrementAndGet();
        url = server.createDatabase(database);
        pgmatch = Pgmatch.on(server.dataSource(database));
        pgmatch.migrate();
        pgmatch.createPool("chess", """
                {"attributes": {"mode": {"type": "text"}, "level": {"type": "number"}},
                 "match": [{"equal": ["mode", "level"]}]}
                """);
    }

    @AfterEach
    void endEverything() throws InterruptedException {
        scheduler.shutdownNow();
        scheduler.awaitTermination(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        matchers.forEach(PgmatchProcess::close);
        server.dropDatabase(database);
    }

    @Test
    void severalMatchersMakeEveryPair() throws Exception {
        startMatchers(MATCHERS);
        awaitUp(matchers);
        Future<?> producer = startInserting();
        awaitInserted(TASKS);
        stop(producer);
        try (PgmatchProcess last = start("run", "--drain")) {
            assertThat(last.awaitExit(DEADLINE)).as("%s", last.errorLines()).isZero();
        }

        assertContractHolds();
        assertThat(count("SELECT count(DISTINCT matched_by) FROM pgmatch.matched_pairs"))
                .as("matchers that made pairs")
                .isGreaterThan(1);
        assertMatchersEndWhenAsked();
    }

    @Test
    void matchersThatAreKilledLoseNothing() throws Exception {
        int kills = 8;
        startMatchers(MATCHERS);
        awaitUp(matchers);
        Future<?> producer = startInserting();
        Future<?> killer = atFixedRate(Duration.ofMillis(300), () -> {
            if (faults.get() < kills) {
                killTheLongestAtWork();
            }
        });
        awaitFaults(kills);
        awaitInserted(TASKS);
        stop(killer);
        stop(producer);

        awaitRest();
        assertContractHolds();
        assertThat(matchers.stream().filter(matcher -> !matcher.isAlive())).hasSize(kills);
        matchers.removeIf(matcher -> !matcher.isAlive());
        assertThat(matchers).hasSize(MATCHERS);
        assertMatchersEndWhenAsked();
    }

    @Test
    void aServerThatCrashesIsSurvived() throws Exception {
        int crashes = 2;
        startMatchers(MATCHERS);
        awaitUp(matchers);
        Future<?> producer = startInserting();
        for (int crash = 1; crash <= crashes; crash++) {
            awaitInserted(crash * TASKS / (crashes + 1));
            String before = query("SELECT pg_postmaster_start_time()");
            server.stopImmediately();
            server.restart();
            assertThat(query("SELECT pg_postmaster_start_time()")).isNotEqualTo(before);
        }
        awaitInserted(TASKS);
        stop(producer);

        awaitRest();
        assertContractHolds();
        for (PgmatchProcess matcher : matchers) {
            assertThat(matcher.errorLines()).anyMatch(line -> line.contains("the database is away"));
            assertThat(matcher.errorLines()).noneMatch(line -> line.contains("a round failed"));
        }
        assertMatchersEndWhenAsked();
    }

    @Test
    void connectionsThatAreCutAreSurvived() throws Exception {
        int cuts = 60;
        startMatchers(MATCHERS);
        awaitUp(matchers);
        Future<?> producer = startInserting();
        Future<?> cutter = atFixedRate(Duration.ofMillis(150), this::cutConnections);
        awaitFaults(cuts);
        awaitInserted(TASKS);
        stop(cutter);
        stop(producer);

        awaitRest();
        assertContractHolds();
        assertThat(matchers).allMatch(PgmatchProcess::isAlive);
        assertMatchersEndWhenAsked();
    }

    @Test
    void aMatcherThatStandsStillHoldsUpNobodyButItsOwnTasks() throws Exception {
        PgmatchProcess still =
                start("run", "--workers", "2", "--batch", "100", "--url", url + "?application_name=still");
        matchers.add(still);
        startMatchers(MATCHERS - 1);
        awaitUp(matchers);
        long backend;
        try (Connection session = connect();
                Statement statement = session.createStatement()) {
            // Rounds wait here for the table of pairs, with their tasks in hand.
            session.setAutoCommit(false);
            statement.execute("LOCK TABLE pgmatch.matched_pairs IN SHARE MODE");
            insert(4_000);
            String stuck = """
                    SELECT coalesce(max(pid), 0) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'still' AND wait_event_type = 'Lock'
                    """;
            await("a round is stuck").atMost(DEADLINE).until(() -> count(stuck) > 0);
            backend = count(stuck);
            still.stop();
            session.rollback();
        }
        await("the server waits for the matcher that stands still")
                .atMost(DEADLINE)
                .until(() -> isIdleInTransaction(backend));
        assertThat(heldTasks()).as("tasks in its hands").isPositive();
        long pairsBefore = count("SELECT count(*) FROM pgmatch.matched_pairs");
        Future<?> producer = startInserting();
        await("the others go on")
                .atMost(DEADLINE)
                .until(() -> count("SELECT count(*) FROM pgmatch.matched_pairs") > pairsBefore + 1_000);
        assertThat(isIdleInTransaction(backend)).as("it still stands still").isTrue();
        awaitInserted(TASKS);
        stop(producer);
        // The server ends the transaction that waits too long, and the others take its tasks over.
        awaitRest();

        assertContractHolds();
        assertThat(isIdleInTransaction(backend)).isFalse();
        still.resume();
        assertMatchersEndWhenAsked();
    }

    private void startMatchers(int count) {
        for (int i = 0; i < count; i++) {
            matchers.add(start("run", "--workers", "2", "--batch", "100"));
        }
    }

    private PgmatchProcess start(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (!all.contains("--url")) {
            all.addAll(List.of("--url", url));
        }
        return PgmatchProcess.setup().start(all.toArray(String[]::new));
    }

    private static void awaitUp(List<PgmatchProcess> processes) {
        for (PgmatchProcess process : processes) {
            process.awaitErrorLine(SeveralMatchersIT::saysThatItIsUp, DEADLINE);
        }
    }

    private static boolean saysThatItIsUp(String line) {
        return line.contains("matching in");
    }

    private Future<?> atFixedRate(Duration period, Runnable action) {
        return scheduler.scheduleAtFixedRate(action, 0, period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Ends what is repeated, and tells if it had ended by itself with an error. */
    private static void stop(Future<?> repeated) throws Exception {
        if (!repeated.cancel(false)) {
            repeated.get();
        }
    }

    /** Inserts until it is stopped; a batch whose insert fails is followed by another. */
    private Future<?> startInserting() {
        return atFixedRate(INSERT_PERIOD, () -> {
            try {
                insert(INSERT_BATCH);
            } catch (SQLException e) {
                insertsFailed.incrementAndGet();
            }
        });
    }

    private void insert(int tasks) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("""
                    INSERT INTO pgmatch.tasks (pool, attributes)
                    SELECT 'chess', jsonb_build_object('mode', 'mode ' || floor(10 * random()),
                                                       'level', floor(50 * random()))
                    FROM generate_series(1, %d)
                    """.formatted(tasks));
        }
        inserted.addAndGet(tasks);
    }

    private void killTheLongestAtWork() {
        for (PgmatchProcess matcher : matchers) {
            if (matcher.isAlive() && matcher.errorLines().stream().anyMatch(SeveralMatchersIT::saysThatItIsUp)) {
                matcher.kill();
                matcher.awaitExit(DEADLINE);
                faults.incrementAndGet();
                startMatchers(1);
                return;
            }
        }
    }

    private void cutConnections() {
        try {
            faults.addAndGet((int) count("""
                    SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                        AND backend_type = 'client backend'
                    """));
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private boolean isIdleInTransaction(long backend) throws SQLException {
        return count("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND pid = " + backend)
                == 1;
    }

    private long heldTasks() throws SQLException {
        return count("SELECT count(*) FROM pgmatch.tasks")
                - count("SELECT count(*) FROM (SELECT FROM pgmatch.tasks FOR UPDATE SKIP LOCKED) AS free");
    }

    private void awaitFaults(int count) {
        await("faults").atMost(DEADLINE).until(() -> faults.get() >= count);
    }

    private void awaitInserted(int tasks) {
        await("inserted").atMost(DEADLINE).until(() -> inserted.get() >= tasks);
    }

    private void awaitRest() {
        await("everybody who waits is parked")
                .atMost(DEADLINE)
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> count("SELECT count(*) FROM pgmatch.tasks WHERE search_at < 'infinity'") == 0);
    }

    private void assertContractHolds() {
        PoolAudit audit = pgmatch.audit("chess").get(0);
        assertThat(audit.breaches()).isEmpty();
        assertThat(audit.legalPairsLeft()).as("legal pairs not made").isZero();
        // An insert that failed may stand all the same.
        assertThat(audit.inserted())
                .isBetween((long) inserted.get(), (long) inserted.get() + insertsFailed.get() * INSERT_BATCH);
        try (PgmatchProcess verify = start("verify", "--at-rest")) {
            assertThat(verify.awaitExit(DEADLINE))
                    .as("%s %s", verify.outputLines(), verify.errorLines())
                    .isZero();
        }
    }

    private void assertMatchersEndWhenAsked() {
        matchers.forEach(PgmatchProcess::terminate);
        for (PgmatchProcess matcher : matchers) {
            assertThat(matcher.awaitExit(DEADLINE))
                    .as("%s", matcher.errorLines())
                    .isZero();
        }
        await("no session is left").atMost(DEADLINE).until(() -> count("""
                        SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid()
                            AND backend_type = 'client backend'
                        """) == 0);
    }

    private Connection connect() throws SQLException {
        return server.dataSource(database).getConnection();
    }

    private long count(String sql) throws SQLException {
        return Long.parseLong(query(sql));
    }

    private String query(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
