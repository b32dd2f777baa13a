package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.rule.Rule;
import io.pgmatch.store.PoolRows;
import io.pgmatch.testing.Interceptor.Stop;
import io.pgmatch.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Rounds of one task, by a rule that lets the claim bring a partner. */
final class ClaimWithPartnerTest {
    private static final String POOL = "plain";
    private static final long DEADLINE_SECONDS = 30;
    private static final String CLAIM_WITH_PARTNER = "FROM claimed AS c";
    private static final String SEARCH = "WITH ORDINALITY";
    private static final String COMMIT = "COMMIT";

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Party one;

    @BeforeEach
    void createPool() {
        create(POOL);
        one = party("one");
    }

    @AfterEach
    void endThreads() throws InterruptedException {
        one.interceptor.releaseAll();
        threads.shutdown();
        assertThat(threads.awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aTaskAndTheFirstFreshOneOfItsKindBehindItTakeTwoTrips() {
        one.interceptor.forget();
        long first = insert("blitz");
        insert("rapid");
        long second = insert("blitz");
        insert("blitz");

        assertThat(one.run().pairs()).isOne();

        assertThat(database.pairs()).containsExactly(first + "-" + second);
        assertTwoTrips();
    }

    @Test
    void whoWaitsComesBeforeTheFresh() {
        long first = insert("blitz");
        long second = insert("blitz");
        park(first, second);
        long newcomer = insert("blitz");
        insert("blitz");
        one.interceptor.forget();

        assertThat(one.run().pairs()).isOne();

        assertThat(database.pairs()).containsExactly(first + "-" + newcomer);
        assertTwoTrips();
    }

    @Test
    void whoIsDueOnceMoreFindsWhoWaits() {
        long due = insert("blitz");
        long parked = insert("blitz");
        park(parked, parked);
        database.execute("UPDATE pgmatch.tasks SET search_at = now() WHERE id = " + due);
        one.interceptor.forget();

        assertThat(one.run().pairs()).isOne();

        assertThat(database.pairs()).containsExactly(due + "-" + parked);
        assertTwoTrips();
    }

    @Test
    void whoIsDueOnceMoreLeavesTheFreshToThoseWhoCameLate() {
        long late = insert("blitz");
        long due = insert("blitz");
        long next = insert("blitz");
        database.execute("UPDATE pgmatch.tasks SET search_at = now() WHERE id = " + due);
        ClaimMark behind = new ClaimMark(new ClaimFront());
        behind.front().reach(behind.front().place(), next + 1);

        assertThat(one.run(behind).pairs()).isZero();
        assertThat(one.run(behind).pairs()).isOne();

        assertThat(database.pairs()).containsExactly(late + "-" + due);
    }

    @Test
    void partnersThatSomebodyHoldsAreLeftToThem() throws Exception {
        long waiting = insert("blitz");
        park(waiting, waiting);
        long first = insert("blitz");
        long held = insert("blitz");
        long last = insert("blitz");
        try (Connection session = database.connect();
                Statement statement = session.createStatement()) {
            session.setAutoCommit(false);
            statement.execute("SELECT FROM pgmatch.tasks WHERE id IN (%d, %d) FOR UPDATE".formatted(waiting, held));

            assertThat(one.run().pairs()).isOne();

            assertThat(database.pairs()).containsExactly(first + "-" + last);
        }
        assertThat(database.stateOf(waiting)).isEqualTo("parked");
        assertThat(database.stateOf(held)).isEqualTo("fresh");
    }

    @Test
    void whoIsHeldAsAPartnerIsClaimedByNobodyElse() throws Exception {
        Party other = party("other");
        long first = insert("blitz");
        long second = insert("blitz");
        Stop concludes = one.interceptor.stopBefore(COMMIT);
        Future<Round.Outcome> round = one.start();
        concludes.awaitReached();

        assertThat(other.run()).isEqualTo(Round.Outcome.NOTHING);
        concludes.release();

        assertThat(round.get(DEADLINE_SECONDS, TimeUnit.SECONDS).pairs()).isOne();
        assertThat(database.pairs()).containsExactly(first + "-" + second);
    }

    @Test
    void nobodyWhoHasExpiredIsAPartner() {
        long first = insert("blitz");
        database.execute("UPDATE pgmatch.tasks SET expires_at = now() - interval '1 second', search_at = 'infinity'");
        long second = insert("blitz");
        long third = insert("blitz");
        database.execute("UPDATE pgmatch.tasks SET expires_at = now() - interval '1 second' WHERE id = " + third);

        assertThat(one.run().parked()).isOne();

        assertThat(database.pairs()).isEmpty();
        assertThat(database.stateOf(first)).isEqualTo("parked");
        assertThat(database.stateOf(second)).isEqualTo("parked");
        assertThat(database.stateOf(third)).isEqualTo("fresh");
    }

    @Test
    void nobodyOfAnotherPoolIsAPartner() {
        create("another");
        String ofAnother = """
                INSERT INTO pgmatch.tasks (pool, attributes) VALUES ('another', '{"mode": "blitz", "level": 1}')
                """;
        database.execute(ofAnother);
        database.execute("UPDATE pgmatch.tasks SET search_at = 'infinity'");
        long alone = insert("blitz");
        database.execute(ofAnother);

        assertThat(one.run().parked()).isOne();

        assertThat(database.stateOf(alone)).isEqualTo("parked");
    }

    @Test
    void nobodyWhoWasDerivedByAnotherVersionIsAPartner() throws SQLException {
        long waiting = insert("blitz");
        park(waiting, waiting);
        long first = insert("blitz");
        long second = insert("blitz");
        long third = insert("blitz");
        try (Connection session = database.connect();
                Statement statement = session.createStatement()) {
            // Without the trigger that derives what is changed anew.
            statement.execute("SET session_replication_role = replica");
            statement.execute(
                    "UPDATE pgmatch.tasks SET rule_version = 0 WHERE id IN (%d, %d)".formatted(waiting, second));
        }

        assertThat(one.run().pairs()).isOne();

        assertThat(database.pairs()).containsExactly(first + "-" + third);
    }

    @Test
    void aPartnerByARuleThatHasChangedMeanwhileIsOfNoUse() {
        Rule rule = Rule.parse(rule(", \"level\""));
        new RuleChange(database.database()).run(POOL, rule, step -> {});
        long first = insert("blitz", 1);
        insert("blitz", 2);
        long third = insert("blitz", 1);

        assertThat(one.run().pairs()).isOne();

        assertThat(database.pairs()).containsExactly(first + "-" + third);
        assertThat(database.query("SELECT rule_version FROM pgmatch.matched_pairs"))
                .isEqualTo("2");
    }

    /** As where the hashes of two kinds are the same. */
    @Test
    void aPartnerThatTheRuleRefusesDoesNotKeepOthersAway() {
        long refused = insert("rapid");
        long waiting = insert("blitz");
        park(refused, waiting);
        database.execute("UPDATE pgmatch.tasks SET bucket = (SELECT bucket FROM pgmatch.tasks WHERE id = " + waiting
                + "), seeks = (SELECT seeks FROM pgmatch.tasks WHERE id = " + waiting + ") WHERE id = " + refused);
        long newcomer = insert("blitz");

        assertThat(one.run().pairs()).isOne();

        assertThat(database.pairs()).containsExactly(waiting + "-" + newcomer);
        assertThat(database.stateOf(refused)).isEqualTo("parked");
    }

    @Test
    void byARuleWithSidesPartnersAreSearchedFor() {
        Rule rule = Rule.parse("""
                {"attributes": {"mode": {"type": "text"}, "level": {"type": "number"}},
                 "match": [{"sides": "mode", "pairs": [["buy", "sell"]]}]}""");
        new RuleChange(database.database()).run(POOL, rule, step -> {});
        assertThat(one.run()).isEqualTo(Round.Outcome.NOTHING);
        one.interceptor.forget();
        long buy = insert("buy");
        insert("buy");
        long sell = insert("sell");

        assertThat(one.run().pairs()).isOne();

        assertThat(database.pairs()).containsExactly(buy + "-" + sell);
        assertThat(one.interceptor.count(CLAIM_WITH_PARTNER)).isZero();
    }

    private void assertTwoTrips() {
        assertThat(one.interceptor.statements()).hasSize(2);
        assertThat(one.interceptor.statements().get(0)).contains(CLAIM_WITH_PARTNER);
        assertThat(one.interceptor.statements().get(1)).endsWith(COMMIT);
        assertThat(one.interceptor.count(SEARCH)).isZero();
    }

    private Party party(String name) {
        Round.Bounds bounds = new Round.Bounds(1, Round.STEP_MAX, Round.CLAIMING_TIME, 1, Round.BRIEF_MAX);
        Party party = new Party(database, POOL, name, bounds, threads);
        // From now on it knows the rule.
        assertThat(party.run()).isEqualTo(Round.Outcome.NOTHING);
        return party;
    }

    private void create(String pool) {
        Rule rule = Rule.parse(rule(""));
        PoolRows.create(database.database(), pool, rule.source(), rule.compiled());
    }

    private static String rule(String more) {
        return """
                {"attributes": {"mode": {"type": "text"}, "level": {"type": "number"}},
                 "match": [{"equal": ["mode"%s]}]}""".formatted(more);
    }

    private void park(long first, long last) {
        database.execute(
                "UPDATE pgmatch.tasks SET search_at = 'infinity' WHERE id BETWEEN %d AND %d".formatted(first, last));
    }

    private long insert(String mode) {
        return insert(mode, 1);
    }

    private long insert(String mode, int level) {
        return Long.parseLong(database.query("""
                INSERT INTO pgmatch.tasks (pool, attributes) VALUES ('%s', '{"mode": "%s", "level": %d}') RETURNING id
                """.formatted(POOL, mode, level)));
    }
}
