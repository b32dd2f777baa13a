package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.rule.Rule;
import io.pgmatch.store.PoolRows;
import io.pgmatch.testing.Interceptor.Stop;
import io.pgmatch.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rounds of few tasks: how many trips they take, and that nobody is missed for it. */
final class BriefRoundTest {
    private static final String POOL = "brief";
    private static final long DEADLINE_SECONDS = 30;

    /** The driver prepares a statement on the server when it is executed for the fifth time. */
    private static final int PREPARED_AFTER = 10;

    /** Fragments by which the trips are told apart. */
    private static final String BEGIN_AND_CLAIM = "(t.search_at, t.id) >=";

    private static final String SEARCH = "WITH ORDINALITY";
    private static final String CONCLUDE = "FOR UPDATE SKIP LOCKED),\npair AS";
    private static final String PARK = "UPDATE pgmatch.tasks";
    private static final String LOOK_AT_FRESH = "f.search_at <=";
    private static final String COMMIT = "COMMIT";

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Party one;
    private Party other;

    @BeforeEach
    void createPool() {
        Rule rule = Rule.parse("""
                {"attributes": {"side": {"type": "text"}},
                 "match": [{"sides": "side", "pairs": [["buy", "sell"]]}]}""");
        PoolRows.create(database.database(), POOL, rule.source(), rule.compiled());
        one = party("one", 1_000);
        other = party("other", 1_000);
        // From now on they know the rule.
        assertThat(one.run()).isEqualTo(Round.Outcome.NOTHING);
        assertThat(other.run()).isEqualTo(Round.Outcome.NOTHING);
    }

    @AfterEach
    void endThreads() throws InterruptedException {
        one.interceptor.releaseAll();
        other.interceptor.releaseAll();
        threads.shutdown();
        assertThat(threads.awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aNewcomerThatFindsItsPartnerTakesThreeTrips() {
        long waiting = insert("sell");
        one.run();
        long newcomer = insert("buy");
        one.interceptor.forget();

        assertThat(one.run().pairs()).isOne();

        assertThat(database.pairs()).containsExactly(waiting + "-" + newcomer);
        assertThreeTrips();
    }

    /** What the driver has prepared on the server it may send otherwise than before. */
    @Test
    void theDriverSendsAsManyTripsOnceTheStatementsArePrepared() {
        for (int i = 0; i < PREPARED_AFTER; i++) {
            insert("sell");
            one.run();
            insert("buy");
            one.run();
        }
        insert("sell");
        List<String> sent = new CopyOnWriteArrayList<>();
        Logger driver = Logger.getLogger("org.postgresql.core.v3.QueryExecutorImpl");
        Level before = driver.getLevel();
        Handler listener = new Handler() {
            @Override
            public void publish(LogRecord line) {
                sent.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        driver.setLevel(Level.FINEST);
        driver.addHandler(listener);
        try {
            assertThat(one.run().parked()).isOne();
        } finally {
            driver.removeHandler(listener);
            driver.setLevel(before);
        }

        // An end of each trip is a Sync.
        assertThat(sent.stream().filter(line -> line.contains("FE=> Sync"))).hasSize(3);
    }

    @Test
    void newcomersWhomNobodyFitsTakeThreeTripsToRest() {
        one.interceptor.forget();
        List<Long> newcomers = List.of(insert("buy"), insert("buy"), insert("buy"));

        assertThat(one.run().parked()).isEqualTo(3);

        assertThat(newcomers).allSatisfy(id -> assertThat(database.stateOf(id)).isEqualTo("parked"));
        assertThreeTrips();
    }

    @Test
    void whoLosesTheOnlyPartnerToAnotherOfTheRoundLooksOnceMore() {
        long waiting = insert("sell");
        one.run();
        long first = insert("buy");
        long second = insert("buy");
        one.interceptor.forget();

        Round.Outcome outcome = one.run();

        assertThat(outcome.pairs()).isOne();
        assertThat(outcome.parked()).isOne();
        assertThat(database.pairs()).containsExactly(waiting + "-" + first);
        assertThat(database.stateOf(second)).isEqualTo("parked");
        assertThat(one.interceptor.count(LOOK_AT_FRESH))
                .as("the first look, and the last one")
                .isEqualTo(2);
    }

    @Test
    void roundsThatHoldEachOthersPartnerPutNobodyToRest() throws Exception {
        long buy = insert("buy");
        Stop onePauses = one.interceptor.stopBefore(PARK);
        Stop otherPauses = other.interceptor.stopBefore(PARK);
        Stop oneSearches = one.interceptor.stopBefore(SEARCH);
        Future<Round.Outcome> oneRound = one.start();
        oneSearches.awaitReached();
        long sell = insert("sell");
        Future<Round.Outcome> otherRound = other.start();
        otherPauses.awaitReached();
        oneSearches.release();
        onePauses.awaitReached();

        onePauses.release();
        otherPauses.release();

        assertThat(get(oneRound).parked()).isZero();
        assertThat(get(otherRound).parked()).isZero();
        assertThat(database.stateOf(buy)).isEqualTo("backs off");
        assertThat(database.stateOf(sell)).isEqualTo("backs off");
    }

    @Test
    void aPartnerThatComesBetweenClaimAndLookIsNotMissed() throws Exception {
        long buy = insert("buy");
        Stop searches = one.interceptor.stopBefore(SEARCH);
        Future<Round.Outcome> round = one.start();
        searches.awaitReached();

        long sell = insert("sell");
        searches.release();

        assertThat(get(round).parked()).isZero();
        assertThat(database.stateOf(buy)).isEqualTo("backs off");
        assertThat(one.run().pairs()).isOne();
        assertThat(database.pairs()).containsExactly(buy + "-" + sell);
    }

    @Test
    void freshTasksBeyondThePageThatIsLookedAtAreNotMissed() throws Exception {
        Rule rule = Rule.parse("""
                {"attributes": {"side": {"type": "text"}, "topics": {"type": "set"}},
                 "match": [{"sides": "side", "pairs": [["buy", "sell"]]}, {"overlap": "topics", "min": 1}]}""");
        new RuleChange(database.database()).run(POOL, rule, step -> {});
        assertThat(one.run()).isEqualTo(Round.Outcome.NOTHING);
        try (Connection session = database.connect();
                Statement statement = session.createStatement()) {
            // Held, so that they are not claimed; the first look sees some of those that do not fit.
            database.execute("""
                    INSERT INTO pgmatch.tasks (pool, attributes)
                    SELECT '%s', jsonb_build_object('side', 'sell', 'topics', ARRAY[CASE n WHEN 40 THEN 'b' ELSE 'a' END])
                    FROM generate_series(1, 40) AS n ORDER BY n
                    """.formatted(POOL));
            session.setAutoCommit(false);
            statement.execute("SELECT FROM pgmatch.tasks FOR UPDATE");
            long buy = Long.parseLong(database.query("""
                    INSERT INTO pgmatch.tasks (pool, attributes)
                    VALUES ('%s', '{"side": "buy", "topics": ["b"]}') RETURNING id
                    """.formatted(POOL)));

            Round.Outcome outcome = one.run();

            assertThat(outcome.claimed()).isOne();
            assertThat(outcome.parked()).isZero();
            assertThat(database.stateOf(buy)).isEqualTo("backs off");
        }
    }

    @Test
    void whoLosesItsPartnerToSomebodyElseStaysAsItIsAndIsTheFirstOfTheNextRound() throws Exception {
        long sell = insert("sell");
        one.run();
        long buy = insert("buy");
        ClaimMark mark = new ClaimMark(new ClaimFront());
        Stop concludes = one.interceptor.stopBefore(CONCLUDE);
        Future<Round.Outcome> round = one.start(mark);
        concludes.awaitReached();

        assertThat(database.query("SELECT pgmatch.cancel('%s', %d)".formatted(POOL, sell)))
                .isEqualTo("cancelled");
        concludes.release();

        Round.Outcome outcome = get(round);
        assertThat(outcome.pairs()).isZero();
        assertThat(outcome.contended()).isOne();
        assertThat(database.stateOf(buy)).isEqualTo("fresh");
        assertThat(mark.left()).containsExactly(buy);
        assertThat(one.run(mark).parked()).isOne();
        assertThat(database.stateOf(buy)).isEqualTo("parked");
    }

    @ParameterizedTest(name = "--batch {0}")
    @ValueSource(ints = {1, 1_000})
    void aPartnerThatSomebodyHoldsIsNotWaitedFor(int batch) throws Exception {
        Party party = party("party", batch);
        long sell = insert("sell");
        party.run();
        try (Connection session = database.connect();
                Statement statement = session.createStatement()) {
            session.setAutoCommit(false);
            statement.execute("SELECT FROM pgmatch.tasks FOR UPDATE");
            long buy = insert("buy");
            ClaimMark mark = new ClaimMark(new ClaimFront());

            assertThat(party.run(mark).contended()).isOne();
            assertThat(database.stateOf(buy)).isEqualTo("fresh");
            assertThat(mark.left()).containsExactly(buy);

            party.run(mark);
            assertThat(database.stateOf(buy)).isEqualTo("backs off");
            assertThat(database.stateOf(sell)).isEqualTo("parked");
        }
    }

    @Test
    void nobodyRestsWhileAnotherOfTheRoundHasYetToGetTheirPartner() throws Exception {
        long sell = insert("sell");
        one.run();
        try (Connection session = database.connect();
                Statement statement = session.createStatement()) {
            session.setAutoCommit(false);
            statement.execute("SELECT FROM pgmatch.tasks FOR UPDATE");
            List<Long> buys = List.of(insert("buy"), insert("buy"));
            ClaimMark mark = new ClaimMark(new ClaimFront());

            assertThat(one.run(mark).parked()).isZero();

            assertThat(buys).allSatisfy(id -> assertThat(database.stateOf(id)).isEqualTo("backs off"));
            assertThat(database.stateOf(sell)).isEqualTo("parked");
        }
    }

    @Test
    void aClaimByARuleThatHasChangedMeanwhileIsOfNoUse() {
        Rule rule = Rule.parse("""
                {"attributes": {"side": {"type": "text"}, "size": {"type": "number", "default": 1}},
                 "match": [{"sides": "side", "pairs": [["buy", "sell"]]}, {"equal": "size"}]}""");
        new RuleChange(database.database()).run(POOL, rule, step -> {});
        long buy = insert("buy");
        long sell = insert("sell");

        assertThat(one.run().pairs()).isOne();

        assertThat(database.pairs()).containsExactly(buy + "-" + sell);
        assertThat(database.query("SELECT rule_version FROM pgmatch.matched_pairs"))
                .isEqualTo("2");
    }

    private void assertThreeTrips() {
        assertThat(one.interceptor.statements()).hasSize(3);
        assertThat(one.interceptor.statements().get(0)).contains(BEGIN_AND_CLAIM);
        assertThat(one.interceptor.statements().get(1)).contains(SEARCH);
        assertThat(one.interceptor.statements().get(2)).endsWith(COMMIT);
    }

    private Party party(String name, int batch) {
        Round.Bounds bounds = new Round.Bounds(batch, Round.STEP_MAX, Round.CLAIMING_TIME, 1, Round.BRIEF_MAX);
        return new Party(database, POOL, name, bounds, threads);
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private long insert(String side) {
        return Long.parseLong(database.query("""
                INSERT INTO pgmatch.tasks (pool, attributes) VALUES ('%s', '{"side": "%s"}') RETURNING id
                """.formatted(POOL, side)));
    }
}
