package io.pgmatch;

import static io.pgmatch.testing.Interceptor.COMMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.embedded.BundledPostgresOptions;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.PoolAudit;
import io.pgmatch.testing.Interceptor;
import io.pgmatch.testing.Interceptor.Stop;
import io.pgmatch.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/** A matcher as an embedding program sees it: started, idle, at work, cut off, closed. */
@Timeout(120)
final class MatcherTest {
    /** Fragments by which statements are told apart. */
    private static final String LOOK = "FROM pgmatch.pools AS p";

    private static final String BEGIN_ROUND = "current_setting('transaction_isolation')";
    private static final String CLAIM = "(t.search_at, t.id) >=";

    private static final Duration DEADLINE = Duration.ofSeconds(20);

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private Interceptor interceptor;

    @BeforeEach
    void listenToTheLog() {
        interceptor = new Interceptor(database.dataSource());
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void nothingIsLeftRunning() throws InterruptedException {
        interceptor.releaseAll();
        logger().detachAppender(log);
        threads.shutdown();
        assertThat(threads.awaitTermination(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(matcherThreads()).isEmpty();
    }

    // The settings.

    @Test
    void hasDefaultsThatNeedNoThought() {
        try (Matcher matcher = Matcher.builder(database.dataSource()).build()) {
            MatcherConfig config = matcher.config();
            assertThat(config.name()).endsWith(":" + ProcessHandle.current().pid());
            assertThat(config.pools()).as("all pools").isNull();
            assertThat(config.workers()).isEqualTo(1);
            assertThat(config.claimBatchMax()).isEqualTo(MatcherConfig.CLAIM_BATCH_DEFAULT);
            assertThat(config.backlogRoundsMax())
                    .isEqualTo(Math.max(2, Runtime.getRuntime().availableProcessors()));
            assertThat(config.grace()).isEqualTo(Duration.ofSeconds(15));
            assertThat(config.listen()).isTrue();
            assertThat(config.connections()).isEqualTo(3);
        }
    }

    @Test
    void refusesSettingsOutOfBounds() {
        Matcher.Builder builder = Matcher.builder(database.dataSource());
        assertThatThrownBy(() -> builder.workers(0).build())
                .isInstanceOf(PgmatchException.class)
                .hasMessage("workers: wanted 1 to 64, got 0");
        builder.workers(1);
        assertThatThrownBy(() -> builder.batch(100_001).build())
                .isInstanceOf(PgmatchException.class)
                .hasMessage("batch: wanted 1 to 100000, got 100001");
        builder.batch(1);
        assertThatThrownBy(() -> builder.backlogRounds(0).build())
                .isInstanceOf(PgmatchException.class)
                .hasMessage("backlog-rounds: wanted 1 to 1000, got 0");
        builder.backlogRounds(1);
        assertThatThrownBy(() -> builder.grace(Duration.ofMillis(-1)).build())
                .isInstanceOf(PgmatchException.class)
                .hasMessageContaining("grace: wanted 0 s to 3600 s");
        builder.grace(Duration.ZERO);
        assertThatThrownBy(() -> builder.name(" ").build())
                .isInstanceOf(PgmatchException.class)
                .hasMessageContaining("name: wanted 1 to 200 characters");
    }

    @Test
    void doesNotStartForAPoolThatDoesNotExist() {
        try (Matcher matcher =
                Matcher.builder(database.dataSource()).pools(Set.of("nowhere")).build()) {
            assertThatThrownBy(matcher::start)
                    .isInstanceOf(PgmatchException.class)
                    .hasMessageContaining("pool \"nowhere\"");
        }
        assertThat(matcherThreads()).isEmpty();
    }

    // Start and close.

    @Test
    void startsAndClosesAsOftenAsAskedInSeveralThreadsAtOnce() throws Exception {
        int starters = 4;
        int times = 25;
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < starters; i++) {
            boolean listens = i % 2 == 0;
            done.add(threads.submit((Callable<Void>) () -> {
                for (int time = 0; time < times; time++) {
                    insertPair("default");
                    try (Matcher matcher = Matcher.builder(database.dataSource())
                            .workers(2)
                            .listen(listens)
                            .build()) {
                        matcher.start();
                        if (time % 5 == 0) {
                            matcher.awaitDrained();
                        }
                    }
                }
                return null;
            }));
        }
        for (Future<?> each : done) {
            each.get(100, TimeUnit.SECONDS);
        }
        assertThat(matcherThreads()).isEmpty();
        drain();
        assertThat(pairs("default")).isEqualTo(starters * times);
        assertThat(database.count("SELECT count(*) FROM pgmatch.sleeping_matchers"))
                .isZero();
    }

    @Test
    void isClosedOnceHoweverManyCloseIt() throws Exception {
        for (int time = 0; time < 20; time++) {
            Matcher matcher = Matcher.builder(database.dataSource()).build();
            CountDownLatch go = new CountDownLatch(1);
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                boolean starts = i == 0;
                calls.add(threads.submit((Callable<Void>) () -> {
                    go.await();
                    if (starts) {
                        try {
                            matcher.start();
                        } catch (IllegalStateException closedAlready) {
                            assertThat(closedAlready).hasMessageContaining("was closed");
                        }
                    } else {
                        matcher.close();
                    }
                    return null;
                }));
            }
            go.countDown();
            for (Future<?> call : calls) {
                get(call);
            }
            assertThat(matcherThreads()).isEmpty();
        }
    }

    @Test
    void startsOnceHoweverManyStartIt() throws Exception {
        try (Matcher matcher = Matcher.builder(database.dataSource()).build()) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                calls.add(threads.submit(matcher::start));
            }
            for (Future<?> call : calls) {
                get(call);
            }
            matcher.start();
            assertThat(matcherThreads()).containsOnlyOnce("pgmatch-looker");
            insertPair("default");
            awaitPairs("default", 1);
        }
    }

    @Test
    void cannotBeStartedOnceItIsClosed() {
        Matcher matcher = Matcher.builder(database.dataSource()).name("late").build();
        matcher.close();
        matcher.close();
        assertThatIllegalStateException().isThrownBy(matcher::start).withMessage("matcher late was closed");
        assertThat(matcherThreads()).isEmpty();
    }

    @Test
    void givesTheConnectionOnWhichItListenedBackToItsPoolWholeAndDeaf() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("com.zaxxer.hikari");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setDataSource(database.dataSource());
            pool.setMaximumPoolSize(6);
            try (Matcher matcher = Matcher.builder(pool).build()) {
                matcher.start();
                awaitAsleep(1);
            }
            HikariPoolMXBean figures = pool.getHikariPoolMXBean();
            assertThat(figures.getActiveConnections()).isZero();

            List<Connection> connections = new ArrayList<>();
            for (int left = figures.getIdleConnections(); left > 0; left--) {
                connections.add(pool.getConnection());
            }
            for (Connection connection : connections) {
                try (connection;
                        Statement statement = connection.createStatement();
                        ResultSet channels = statement.executeQuery("SELECT pg_listening_channels()")) {
                    assertThat(channels.next()).as("listens").isFalse();
                }
            }
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list).noneMatch(line -> line.getLevel().isGreaterOrEqual(Level.WARN));
    }

    @Test
    void closesWhileItsListenerIsStillConnecting() throws Exception {
        Matcher matcher = Matcher.builder(interceptor.dataSource()).build();
        Stop listens = interceptor.stopAfter("LISTEN pgmatch");
        matcher.start();
        listens.awaitReached();
        Thread closer = new Thread(matcher::close, "closer");
        closer.start();
        await("the close waits").until(() -> closer.getState() == Thread.State.TIMED_WAITING);
        listens.release();

        closer.join(Duration.ofSeconds(5).toMillis());
        assertThat(closer.isAlive()).as("the close still waits").isFalse();
    }

    @Test
    void closesAfterTheRoundInHand() throws Exception {
        Matcher matcher = Matcher.builder(interceptor.dataSource()).build();
        Stop commits = interceptor.stopBefore(COMMIT);
        insertPair("default");
        matcher.start();
        commits.awaitReached();
        Thread closer = new Thread(matcher::close, "closer");
        closer.start();
        await("the close waits").until(() -> closer.getState() == Thread.State.TIMED_WAITING);
        assertThat(pairs("default")).isZero();
        commits.release();

        closer.join(DEADLINE.toMillis());
        assertThat(closer.isAlive()).isFalse();
        assertThat(pairs("default")).isEqualTo(1);
        await("counted").until(() -> matcher.counts().pairs() == 1);
    }

    @Test
    void cutsARoundThatOutlastsTheGrace() throws Exception {
        Matcher matcher =
                Matcher.builder(interceptor.dataSource()).grace(Duration.ZERO).build();
        Stop commits = interceptor.stopBefore(COMMIT);
        insertPair("default");
        matcher.start();
        commits.awaitReached();

        get(threads.submit(matcher::close));

        assertThat(pairs("default")).as("rolled back").isZero();
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(2);
        drain();
        assertThat(pairs("default")).isEqualTo(1);
    }

    // Which pools, which tasks.

    @Test
    void leavesAPausedPoolAloneUntilItIsResumed() {
        Pgmatch pgmatch = Pgmatch.on(database.dataSource());
        pgmatch.createPool("paused", "{\"match\": []}");
        pgmatch.pausePool("paused", true);
        insertPair("paused");
        insertPair("default");
        try (Matcher matcher = start()) {
            awaitPairs("default", 1);
            awaitLooks(5);
            assertThat(pairs("paused")).isZero();
            pgmatch.pausePool("paused", false);
            awaitPairs("paused", 1);
            await("counted").until(() -> matcher.counts().pairs() == 2);
        }
    }

    @Test
    void worksInTheNamedPoolsOnly() {
        Pgmatch pgmatch = Pgmatch.on(database.dataSource());
        pgmatch.createPool("mine", "{\"match\": []}");
        pgmatch.createPool("also/mine", "{\"match\": []}");
        insertPair("default");
        insertPair("mine");
        insertPair("also/mine");
        try (Matcher matcher = Matcher.builder(interceptor.dataSource())
                .pools(List.of("mine", "also/mine"))
                .build()) {
            matcher.start();
            awaitPairs("mine", 1);
            awaitPairs("also/mine", 1);
            awaitLooks(5);
            assertThat(pairs("default")).isZero();
        }
    }

    @Test
    void takesUpAPoolThatWasCreatedAfterItsStart() {
        try (Matcher matcher = start()) {
            awaitLooks(1);
            Pgmatch.on(database.dataSource()).createPool("new", "{\"match\": []}");
            insertPair("new");
            awaitPairs("new", 1);
            await("counted").until(() -> matcher.counts().pairs() == 1);
        }
    }

    @Test
    void retiresWhatHasExpiredAndNeverPairsIt() {
        database.execute("""
                INSERT INTO pgmatch.tasks (expires_at)
                VALUES (now() - interval '1 second'), (now() - interval '1 second'), (now() + interval '200 ms')
                """);
        try (Matcher matcher = start()) {
            await("all three are retired")
                    .until(() ->
                            database.count("SELECT count(*) FROM pgmatch.retired_tasks WHERE reason = 'expired'") == 3);
            await("and counted").until(() -> matcher.counts().expired() == 3);
        }
        assertThat(pairs("default")).isZero();
        assertThat(database.count("SELECT count(*) FROM pgmatch.retired_tasks WHERE retired_at < inserted_at"))
                .isZero();
    }

    // At rest.

    @Test
    void asksOneQuestionALookHoweverManyPoolsAreEmpty() {
        createPools(1_000);
        try (Matcher matcher = start()) {
            awaitLooks(10);
            interceptor.forget();
            awaitLooks(15);
            List<String> statements = interceptor.statements();
            long looks = statements.stream().filter(sql -> sql.contains(LOOK)).count();
            assertThat(statements.size() - looks)
                    .as("statements that are no looks: %s", statements)
                    .isLessThanOrEqualTo(2);
            assertThat(matcher.counts().claimed()).isZero();
        }
    }

    @Test
    void doesRoundsOnlyWhereThereIsWorkHoweverManyPoolsThereAre() {
        createPools(3_000);
        try (Matcher matcher = start()) {
            awaitLooks(3);
            interceptor.forget();
            insertPair("pool-1500");
            awaitPairs("pool-1500", 1);
            awaitLooks(5);
            // The round that makes the pair, one that finds nothing more, and one that a call may add.
            assertThat(interceptor.count(BEGIN_ROUND)).isBetween(1L, 4L);
            await("counted").until(() -> matcher.counts().rounds() == 1);
        }
    }

    @Test
    void doesNotSpinWhereAnotherHoldsAllThatIsDue() throws Exception {
        int looks = 30;
        insertPair("default");
        try (Connection holder = database.connect();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("SELECT FROM pgmatch.tasks FOR UPDATE");
            try (Matcher matcher = start()) {
                long start = System.nanoTime();
                awaitLooks(looks);
                // The pause doubles from 1 ms to 100 ms; so many looks without one would take a tenth of this.
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(500));
                assertThat(interceptor.count(CLAIM)).isLessThanOrEqualTo(2L * looks);
                holder.rollback();
                awaitPairs("default", 1);
                await("counted").until(() -> matcher.counts().pairs() == 1);
            }
        }
    }

    @Test
    void isCalledByAnInsertWhenItIsAsleep() throws Exception {
        try (Matcher matcher = start()) {
            awaitAsleep(1);
            Stop looks = interceptor.stopBefore(LOOK);
            looks.awaitReached();
            insertPair("default");
            // While the looker stands still, only the call can have told of the insert.
            awaitPairs("default", 1);
            looks.release();
            await("counted").until(() -> matcher.counts().pairs() == 1);
        }
        awaitAsleep(0);
    }

    @Test
    void doesNotHearCallsFromPoolsThatAreNotItsOwn() throws Exception {
        Pgmatch.on(database.dataSource()).createPool("mine", "{\"match\": []}");
        try (Matcher matcher =
                Matcher.builder(interceptor.dataSource()).pools(List.of("mine")).build()) {
            matcher.start();
            awaitAsleep(1);
            Stop looks = interceptor.stopBefore(LOOK);
            looks.awaitReached();
            insertPair("default");
            insertPair("mine");
            awaitPairs("mine", 1);
            looks.release();
            awaitLooks(5);
            assertThat(pairs("default")).isZero();
        }
    }

    @Test
    void matchesWithoutListening() {
        try (Matcher matcher =
                Matcher.builder(interceptor.dataSource()).listen(false).build()) {
            matcher.start();
            awaitLooks(12);
            assertThat(interceptor.count("sleeping_matchers")).isZero();
            assertThat(interceptor.count("LISTEN")).isZero();
            insertPair("default");
            awaitPairs("default", 1);
        }
    }

    @Test
    void matchesOverConnectionsThatCannotListen() {
        interceptor.hideDriver();
        try (Matcher matcher = start()) {
            awaitLooks(12);
            assertThat(interceptor.count("sleeping_matchers")).isZero();
            insertPair("default");
            awaitPairs("default", 1);
            await("counted").until(() -> matcher.counts().pairs() == 1);
        }
    }

    // Drained.

    @Test
    void isDrainedWhenNoPairIsLeftToMake() throws Exception {
        createPools(20);
        database.execute("""
                INSERT INTO pgmatch.tasks (pool) SELECT 'pool-' || 1 + n % 20 FROM generate_series(0, 2019) AS n
                """);
        try (Matcher matcher =
                Matcher.builder(database.dataSource()).workers(3).batch(10).build()) {
            matcher.start();
            matcher.awaitDrained();
            assertThat(database.count("SELECT count(*) FROM pgmatch.matched_pairs"))
                    .isEqualTo(20 * 50);
            assertAtRest();
        }
    }

    @Test
    void isDrainedAnewWhenSomethingCameMeanwhile() throws Exception {
        try (Matcher matcher = start()) {
            matcher.awaitDrained();
            for (int i = 1; i <= 3; i++) {
                insertPair("default");
                matcher.awaitDrained();
                assertThat(pairs("default")).isEqualTo(i);
            }
        }
    }

    @Test
    void isNotDrainedWhileAnotherHoldsAPartner() throws Exception {
        insertPair("default");
        try (Connection holder = database.connect();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("SELECT FROM pgmatch.tasks ORDER BY id DESC LIMIT 1 FOR UPDATE");
            try (Matcher matcher = start()) {
                Future<?> drained = threads.submit((Callable<Void>) () -> {
                    matcher.awaitDrained();
                    return null;
                });
                awaitLooks(10);
                assertThat(drained.isDone()).isFalse();
                holder.rollback();
                get(drained);
                assertThat(pairs("default")).isEqualTo(1);
            }
        }
    }

    @Test
    void letsGoOfWhoeverWaitsForTheDrainWhenItIsClosed() throws Exception {
        insertPair("default");
        Stop looks = interceptor.stopBefore(LOOK);
        Matcher matcher = start();
        looks.awaitReached();
        Future<?> drained = threads.submit((Callable<Void>) () -> {
            matcher.awaitDrained();
            return null;
        });
        Future<?> closed = threads.submit(matcher::close);
        get(drained);
        looks.release();
        get(closed);
    }

    // Cut off.

    @Test
    void survivesADatabaseThatCrashesWithOneLogLineAnOutage() throws Exception {
        try (BundledPostgres server = BundledPostgres.start(BundledPostgresOptions.throwaway());
                HikariDataSource source = pool(server)) {
            Pgmatch pgmatch = Pgmatch.on(source);
            pgmatch.migrate();
            Interceptor between = new Interceptor(source);
            try (Matcher matcher =
                    Matcher.builder(between.dataSource()).workers(2).build()) {
                matcher.start();
                addPair(pgmatch);
                await("the first pair").until(() -> pgmatch.pairs(null, 10).size() == 1);

                for (int outage = 1; outage <= 2; outage++) {
                    server.stopImmediately();
                    int asked = between.connectionsAsked();
                    await("several attempts in vain")
                            .atMost(DEADLINE)
                            .until(() -> between.connectionsAsked() >= asked + 5);
                    assertThat(lines("is away")).hasSize(outage);
                    server.restart();
                    addPair(pgmatch);
                    int pairs = 1 + outage;
                    await("matches again")
                            .atMost(DEADLINE)
                            .until(() -> pgmatch.pairs(null, 10).size() == pairs);
                    int outages = outage;
                    await("says so").until(() -> lines("is back after").size() == outages);
                    assertThat(lines("is away")).hasSize(outage);
                }
                assertThat(log.list).noneMatch(line -> line.getLevel().levelStr.equals("ERROR"));
            }
            assertThat(pgmatch.audit(null)).allMatch(PoolAudit::isSafe).allMatch(PoolAudit::isAtRest);
        }
    }

    @Test
    void survivesThatItsConnectionsAreKilled() throws Exception {
        try (Matcher matcher =
                Matcher.builder(interceptor.dataSource()).workers(2).build()) {
            matcher.start();
            awaitAsleep(1);
            for (int time = 1; time <= 5; time++) {
                insertPair("default");
                int killed = killEveryOtherSession();
                assertThat(killed).isPositive();
                awaitPairsOverNewConnections(time);
            }
            assertThat(log.list).noneMatch(line -> line.getLevel().levelStr.equals("ERROR"));
        }
        assertAtRest();
    }

    @Test
    void namesAFaultThatIsNoOutageOnceAndGoesOn() {
        database.execute("""
                CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$full moon$$; END';
                CREATE TRIGGER fail BEFORE INSERT ON pgmatch.matched_pairs FOR EACH ROW EXECUTE FUNCTION fail()
                """);
        insertPair("default");
        try (Matcher matcher = start()) {
            await("some attempts").until(() -> interceptor.count("INSERT INTO pgmatch.matched_pairs") >= 3);
            assertThat(lines("pool \"default\": failed")).hasSize(1);
            assertThat(pairs("default")).isZero();
            database.execute("DROP TRIGGER fail ON pgmatch.matched_pairs");
            awaitPairs("default", 1);
            await("counted").until(() -> matcher.counts().pairs() == 1);
        }
    }

    private Matcher start() {
        Matcher matcher = Matcher.builder(interceptor.dataSource()).build();
        matcher.start();
        return matcher;
    }

    private void drain() throws InterruptedException {
        try (Matcher matcher = Matcher.builder(database.dataSource()).build()) {
            matcher.start();
            matcher.awaitDrained();
        }
        assertAtRest();
    }

    private void assertAtRest() {
        assertThat(Pgmatch.on(database.dataSource()).audit(null))
                .allMatch(PoolAudit::isSafe)
                .allMatch(PoolAudit::isAtRest);
    }

    private void createPools(int pools) {
        database.execute("""
                INSERT INTO pgmatch.pools (pool, rule, compiled)
                SELECT 'pool-' || n, rule, compiled FROM pgmatch.pools, generate_series(1, %d) AS n
                """.formatted(pools));
    }

    private void insertPair(String pool) {
        database.execute("INSERT INTO pgmatch.tasks (pool) VALUES ('%s'), ('%s')".formatted(pool, pool));
    }

    private static void addPair(Pgmatch pgmatch) {
        await("inserts are accepted").atMost(DEADLINE).ignoreExceptions().until(() -> pgmatch.add(task()) > 0);
        pgmatch.add(task());
    }

    private static NewTask task() {
        return new NewTask("default", null, "{}", null);
    }

    private long pairs(String pool) {
        return database.count("SELECT count(*) FROM pgmatch.matched_pairs WHERE pool = '%s'".formatted(pool));
    }

    private void awaitPairs(String pool, long count) {
        await("pairs in " + pool).atMost(DEADLINE).until(() -> pairs(pool) == count);
    }

    /** The pool of connections may yet hold some that were killed. */
    private void awaitPairsOverNewConnections(long count) {
        await("pairs").atMost(DEADLINE).until(() -> {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement();
                    var rows = statement.executeQuery("SELECT count(*) FROM pgmatch.matched_pairs")) {
                rows.next();
                return rows.getLong(1) == count;
            }
        });
    }

    /** Waits until the matcher has looked for work so many times more. */
    private void awaitLooks(int count) {
        long seen = interceptor.count(LOOK);
        await("looks for work").atMost(DEADLINE).until(() -> interceptor.count(LOOK) >= seen + count);
    }

    private void awaitAsleep(int matchers) {
        await("asleep: " + matchers)
                .atMost(DEADLINE)
                .until(() -> database.count("SELECT count(*) FROM pgmatch.sleeping_matchers") == matchers);
    }

    /** Not the test's own sessions, which the same connection pool serves: the one that asks is spared. */
    private int killEveryOtherSession() throws SQLException {
        try (Connection own = database.connect();
                Statement statement = own.createStatement();
                var rows = statement.executeQuery("""
                        SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid()
                            AND backend_type = 'client backend'
                        """)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static HikariDataSource pool(BundledPostgres server) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(server.dataSource());
        config.setMinimumIdle(0);
        config.setConnectionTimeout(500);
        return new HikariDataSource(config);
    }

    private List<String> lines(String fragment) {
        return List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains(fragment))
                .toList();
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("io.pgmatch.Matcher");
    }

    private static List<String> matcherThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.matches("pgmatch-(looker|listener|worker-\\d+)"))
                .toList();
    }

    private static void get(Future<?> future) throws Exception {
        try {
            future.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }
}
