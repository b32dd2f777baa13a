package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.model.CancelAnswer;
import io.pgmatch.model.PoolAudit;
import io.pgmatch.rule.Rule;
import io.pgmatch.store.CancelTask;
import io.pgmatch.store.Database;
import io.pgmatch.store.PoolRows;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Transaction;
import io.pgmatch.testing.Interceptor;
import io.pgmatch.testing.Interceptor.Stop;
import io.pgmatch.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Rounds that meet in a backlog so many without a partner that they search among the fresh tasks beyond. */
@Timeout(120)
final class SearchAheadTest {
    private static final String POOL = "far-apart";
    private static final String ORDERS = "orders";

    /** Tasks that a round claims at a time; of six times as many each has its partner as many tasks further on. */
    private static final int STEP = 50;

    private static final int PAIRS = 6 * STEP;
    private static final int BATCH_OF_MANY = 20_000;
    private static final int TASKS = 2 * PAIRS;

    /** However slow the machine is, one round is to claim all. */
    private static final Duration CLAIMING_TIME = Duration.ofHours(1);

    private static final String AHEAD_UNLOCKED = "is_to_lock";
    private static final String RECORD = "INSERT INTO pgmatch.matched_pairs";
    private static final long DEADLINE_SECONDS = 30;

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    private Interceptor interceptor;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ClaimMark mark = new ClaimMark(new ClaimFront());
    private final Round round = new Round(
            "ahead",
            new Round.Bounds(BATCH_OF_MANY, STEP, CLAIMING_TIME, 2, Round.BRIEF_MAX),
            RoundSettings.defaults(),
            new Rules(),
            threads);

    @BeforeEach
    void insertBacklog() {
        interceptor = new Interceptor(database.dataSource());
        Rule rule = Rule.parse("""
                {"attributes": {"key": {"type": "number"}}, "match": [{"equal": ["key"]}]}""");
        PoolRows.create(database.database(), POOL, rule.source(), rule.compiled());
        database.execute("""
                INSERT INTO pgmatch.tasks (pool, attributes)
                SELECT '%s', jsonb_build_object('key', n %% %d) FROM generate_series(1, %d) AS n
                """.formatted(POOL, PAIRS, TASKS));
        mark.front().noteBacklog(true);
    }

    @AfterEach
    void endThreads() throws InterruptedException {
        interceptor.releaseAll();
        threads.shutdown();
        assertThat(threads.awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void findThePartnersOfAllWithoutALock() throws Exception {
        Stop records = interceptor.stopBefore(RECORD);
        Future<Round.Outcome> outcome = threads.submit(this::run);
        records.awaitReached();

        assertThat(database.count("SELECT count(*) FROM (SELECT FROM pgmatch.tasks FOR UPDATE SKIP LOCKED) AS free"))
                .isEqualTo(TASKS);
        records.release();

        assertThat(outcome.get(DEADLINE_SECONDS, TimeUnit.SECONDS).pairs()).isEqualTo(PAIRS);
        assertThat(interceptor.count(AHEAD_UNLOCKED))
                .as("as many as three claims bring, in parts, and then as many again")
                .isEqualTo(2 * 3);
        assertThat(mark.front().isUndisturbed()).isTrue();
    }

    @Test
    void pairWhomASmallRoundClaimsAtOnce() {
        Round small = new Round("small", 2, RoundSettings.defaults(), new Rules());

        Round.Outcome outcome;
        try (Transaction transaction = database.database().begin()) {
            outcome = small.run(transaction, POOL, new ClaimMark(new ClaimFront()));
        }

        assertThat(outcome)
                .as("nobody is put to rest, to be found by the partner later")
                .isEqualTo(new Round.Outcome(2, 2, 0, 0, false, List.of()));
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks WHERE search_at > '-infinity'"))
                .isZero();
    }

    @Test
    void passOverAPartnerThatSomebodyHolds() throws Exception {
        long held = idOf(PAIRS + 7);
        try (Connection holder = lock(held)) {
            Round.Outcome outcome = run();

            assertThat(outcome.pairs()).isEqualTo(PAIRS - 1);
            assertThat(outcome.contended()).isPositive();
            assertThat(mark.front().isUndisturbed())
                    .as("who holds it was seen before it was to be deleted")
                    .isTrue();
            holder.rollback();
        }
        runToRest();
        assertThat(pairs()).isEqualTo(PAIRS);
    }

    @Test
    void takeTheNextOneInPlaceOfAPartnerThatSomebodyHolds() throws Exception {
        long held = idOf(PAIRS + 7);
        database.execute("INSERT INTO pgmatch.tasks (pool, attributes) VALUES ('%s', '{\"key\": 7}')".formatted(POOL));
        try (Connection holder = lock(held)) {
            assertThat(run().pairs()).isEqualTo(PAIRS);
            holder.rollback();
        }
        assertThat(database.queryAll("SELECT id FROM pgmatch.tasks")).containsExactly(Long.toString(held));
        assertThat(mark.front().isUndisturbed()).isTrue();
    }

    @Test
    void takeTheNextOnesWhereManySeekInOnePlace() throws Exception {
        // Three symbols, fifty buys of each in front of as many sells, and two more sells behind them.
        Rule rule = Rule.parse("""
                {"attributes": {"side": {"type": "text", "oneOf": ["buy", "sell"]}, "symbol": {"type": "number"}},
                 "match": [{"equal": "symbol"}, {"sides": "side", "pairs": [["buy", "sell"]]}]}""");
        PoolRows.create(database.database(), ORDERS, rule.source(), rule.compiled());
        database.execute("""
                INSERT INTO pgmatch.tasks (pool, attributes)
                SELECT '%s', jsonb_build_object('side', CASE WHEN n < %d THEN 'buy' ELSE 'sell' END, 'symbol', n %% 3)
                FROM generate_series(0, %d) AS n
                """.formatted(ORDERS, 3 * STEP, 6 * STEP + 5));
        List<String> held = database.queryAll("""
                SELECT id FROM pgmatch.tasks WHERE pool = '%s' AND attributes @> '{"side": "sell", "symbol": 0}'
                ORDER BY id LIMIT 2
                """.formatted(ORDERS));
        try (Connection one = lock(Long.parseLong(held.get(0)));
                Connection other = lock(Long.parseLong(held.get(1)))) {
            assertThat(runIn(ORDERS).pairs()).isEqualTo(3 * STEP);
            one.rollback();
            other.rollback();
        }
        assertThat(database.queryAll("SELECT id FROM pgmatch.tasks WHERE pool = '%s' ORDER BY id".formatted(ORDERS)))
                .as("the two that were held, and the last two of the other symbols each")
                .hasSize(6)
                .startsWith(held.get(0), held.get(1));
    }

    @Test
    void areLostIfAPartnerIsCancelledAfterItWasFound() throws Exception {
        Stop records = interceptor.stopBefore(RECORD);
        Future<Round.Outcome> outcome = threads.submit(this::run);
        records.awaitReached();

        assertThat(CancelTask.run(database.database(), POOL, idOf(PAIRS + 7)))
                .as("it is not locked, so nobody has to be waited for")
                .isEqualTo(new CancelAnswer.Cancelled());
        records.release();

        assertThat(outcome.get(DEADLINE_SECONDS, TimeUnit.SECONDS).pairs()).isZero();
        assertThat(pairs()).isZero();
        assertThat(mark.front().isUndisturbed()).isFalse();
        runToRest();
        assertThat(pairs()).isEqualTo(PAIRS - 1);
    }

    @Test
    void lockWhomTheyFindWhereOthersAreAtWork() throws Exception {
        mark.front().noteSharing();
        Stop records = interceptor.stopBefore(RECORD);
        Future<Round.Outcome> outcome = threads.submit(this::run);
        records.awaitReached();

        assertThat(database.count("SELECT count(*) FROM (SELECT FROM pgmatch.tasks WHERE id = " + idOf(PAIRS + 7)
                        + " FOR UPDATE SKIP LOCKED) AS free"))
                .isZero();
        records.release();

        assertThat(outcome.get(DEADLINE_SECONDS, TimeUnit.SECONDS).pairs()).isEqualTo(PAIRS);
        assertThat(interceptor.count(AHEAD_UNLOCKED)).isZero();
    }

    private Round.Outcome run() {
        return runIn(POOL);
    }

    private Round.Outcome runIn(String pool) {
        try (Transaction transaction = new Database(interceptor.dataSource()).begin()) {
            return round.run(transaction, pool, mark);
        }
    }

    private void runToRest() {
        while (run().claimed() > 0) {
            assertThat(pairs()).isLessThanOrEqualTo(PAIRS);
        }
        database.execute("UPDATE pgmatch.tasks SET search_at = '-infinity' WHERE search_at < 'infinity'");
        while (run().claimed() > 0) {
            assertThat(pairs()).isLessThanOrEqualTo(PAIRS);
        }
        PoolAudit audit = new Audit(database.database()).run(POOL).get(0);
        assertThat(audit.breaches()).isEmpty();
        assertThat(audit.legalPairsLeft()).isZero();
    }

    private long idOf(int number) {
        return database.count("SELECT id FROM pgmatch.tasks ORDER BY id OFFSET %d LIMIT 1".formatted(number - 1));
    }

    private long pairs() {
        return database.count("SELECT count(*) FROM pgmatch.matched_pairs");
    }

    private Connection lock(long id) throws SQLException {
        Connection session = database.connect();
        session.setAutoCommit(false);
        try (Statement statement = session.createStatement()) {
            statement.execute("SELECT FROM pgmatch.tasks WHERE id = " + id + " FOR UPDATE");
        }
        return session;
    }
}
