package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgmatch.model.PoolAudit;
import io.pgmatch.rule.Rule;
import io.pgmatch.store.PoolRows;
import io.pgmatch.testing.Interceptor.Stop;
import io.pgmatch.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * L1 where a rule widens while rounds are under way: a round that began before the instant at which two tasks may be paired,
 * and claims one of them after it, must not put it to rest when the other one rests already.
 */
final class ClockTest {
    private static final String POOL = "widening";
    private static final long DEADLINE_SECONDS = 30;
    private static final String BEGIN = "transaction_isolation";

    /** The rule widens for this one as it is inserted. */
    private static final String WIDENS_NOW = """
            INSERT INTO pgmatch.tasks (pool, attributes, inserted_at)
            VALUES ('widening', '{"rating": 1000}', clock_timestamp() - interval '1 hour')""";

    /** For this one it widened long ago. */
    private static final String WIDENED_LONG_AGO = """
            INSERT INTO pgmatch.tasks (pool, attributes, inserted_at)
            VALUES ('widening', '{"rating": 1050}', clock_timestamp() - interval '2 hours')""";

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Party> parties = new ArrayList<>();

    @BeforeEach
    void createPool() {
        Rule rule = Rule.parse("""
                {"attributes": {"rating": {"type": "number"}},
                 "match": [{"distance": "rating", "max": 0, "steps": [{"after": "1h", "max": 100}]}]}""");
        PoolRows.create(database.database(), POOL, rule.source(), rule.compiled());
    }

    @AfterEach
    void endThreads() throws InterruptedException {
        parties.forEach(party -> party.interceptor.releaseAll());
        threads.shutdown();
        assertThat(threads.awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    /** This one does not know the rule as it begins, so that it claims behind that, brief or not. */
    @ParameterizedTest(name = "brief below {0}")
    @ValueSource(ints = {0, Round.BRIEF_MAX})
    void aRoundJudgesBeforeItPutsToRestByATimeAfterItsClaims(int briefMax) throws Exception {
        Party late = party("late", briefMax);
        Stop begun = late.interceptor.stopAfter(BEGIN);
        Future<Round.Outcome> lateRound = late.start();
        begun.awaitReached();
        database.execute(WIDENS_NOW);
        Party early = party("early", 0);
        assertThat(early.run().parked()).isOne();
        database.execute(WIDENED_LONG_AGO);
        begun.release();

        Round.Outcome outcome = lateRound.get(DEADLINE_SECONDS, TimeUnit.SECONDS);

        assertThat(outcome.claimed()).isOne();
        assertThat(outcome.parked()).isZero();
        await("both are paired").until(() -> {
            early.run();
            return database.count("SELECT count(*) FROM pgmatch.matched_pairs") == 1;
        });
        assertNoBreach();
    }

    @Test
    void aBriefRoundJudgesByATimeAfterItsClaim() throws Exception {
        Party party = party("party", Round.BRIEF_MAX);
        // From now on it knows the rule.
        assertThat(party.run()).isEqualTo(Round.Outcome.NOTHING);
        party.interceptor.forget();
        try (Connection session = database.connect();
                Statement statement = session.createStatement()) {
            Future<Round.Outcome> round = startBehindALock(party, session, statement);
            statement.execute(WIDENS_NOW);
            // As a round left it that began after it was inserted.
            statement.execute("UPDATE pgmatch.tasks SET search_at = 'infinity'");
            statement.execute(WIDENED_LONG_AGO);
            session.commit();

            assertThat(round.get(DEADLINE_SECONDS, TimeUnit.SECONDS).pairs()).isOne();
        }
        assertThat(party.interceptor.statements()).as("it was brief").hasSize(3);
        assertNoBreach();
    }

    /** It claims by the time of its beginning, and pairs by that after its claim. */
    @Test
    void aTaskThatExpiresInBetweenCostsTheRoundAndNothingElse() throws Exception {
        Party party = party("party", 0);
        // From now on it knows the rule.
        assertThat(party.run()).isEqualTo(Round.Outcome.NOTHING);
        Future<Round.Outcome> round;
        try (Connection session = database.connect();
                Statement statement = session.createStatement()) {
            round = startBehindALock(party, session, statement);
            statement.execute("""
                    INSERT INTO pgmatch.tasks (pool, attributes, expires_at)
                    VALUES ('widening', '{"rating": 1000}', NULL), ('widening', '{"rating": 1000}', clock_timestamp())
                    """);
            session.commit();
        }
        assertThat(round.get(DEADLINE_SECONDS, TimeUnit.SECONDS)).isEqualTo(Round.Outcome.collided(2));

        assertThat(party.run().parked()).isOne();
        assertNoBreach();
    }

    @Test
    void whatIsLostAgainIsAnError() {
        // A rule of the database's own, which takes every pair.
        database.execute("""
                CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER keep BEFORE INSERT ON pgmatch.matched_pairs FOR EACH ROW EXECUTE FUNCTION keep()
                """);
        database.execute("INSERT INTO pgmatch.tasks (pool, attributes) VALUES"
                + " ('widening', '{\"rating\": 1000}'), ('widening', '{\"rating\": 1000}')");
        Party party = party("party", 0);
        ClaimMark mark = new ClaimMark(new ClaimFront());
        assertThat(party.run(mark)).isEqualTo(Round.Outcome.collided(2));

        assertThatThrownBy(() -> party.run(mark)).hasMessageContaining("wanted to record 1 pairs");
    }

    /** It has begun by then, and waits to claim until the session commits. */
    private Future<Round.Outcome> startBehindALock(Party party, Connection session, Statement statement)
            throws SQLException {
        session.setAutoCommit(false);
        statement.execute("LOCK TABLE pgmatch.tasks");
        Future<Round.Outcome> round = party.start();
        await("the round waits").until(() -> database.sessionsThatWaitForLocks() == 1);
        return round;
    }

    private Party party(String name, int briefMax) {
        Round.Bounds bounds = new Round.Bounds(1_000, 1_000, Round.CLAIMING_TIME, 1, briefMax);
        Party party = new Party(database, POOL, name, bounds, threads);
        parties.add(party);
        return party;
    }

    private void assertNoBreach() {
        PoolAudit audit = new Audit(database.database()).run(POOL).get(0);
        assertThat(audit.breaches()).isEmpty();
    }
}
