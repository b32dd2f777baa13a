package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgmatch.Matcher;
import io.pgmatch.Pgmatch;
import io.pgmatch.model.ChangedRule;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.PoolAudit;
import io.pgmatch.rule.Rule;
import io.pgmatch.store.ChangeRule;
import io.pgmatch.store.Database;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Transaction;
import io.pgmatch.testing.Interceptor;
import io.pgmatch.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RuleChangeTest {
    private static final String POOL = "p";
    private static final long DEADLINE_SECONDS = 30;

    private static final String BY_KEY = """
            {"attributes": {"key": {"type": "text"}}, "match": [{"equal": "key"}]}""";

    private static final String BY_GROUP = """
            {"attributes": {"group": {"type": "number"}}, "match": [{"equal": "group"}]}""";

    @RegisterExtension
    private final TestDatabase database = new TestDatabase();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Pgmatch pgmatch;

    @BeforeEach
    void createPool() {
        pgmatch = Pgmatch.on(database.dataSource());
        pgmatch.createPool(POOL, BY_KEY);
    }

    @AfterEach
    void endThreads() throws InterruptedException {
        threads.shutdown();
        assertThat(threads.awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void waitingTasksAreSearchedForAgainAndRefusedOnesRetiredWhileAMatcherRuns() throws Exception {
        insert(1, 3_000, "'{\"key\": \"' || n || '\", \"group\": ' || n / 2 || '}'");
        insert(3_001, 3_500, "'{\"key\": \"' || n || '\", \"group\": \"none\"}'");
        insert(3_501, 3_507, "'{\"key\": \"' || n || '\"}'");
        try (Matcher matcher =
                Matcher.builder(database.dataSource()).workers(2).batch(100).build()) {
            matcher.start();
            await("some are parked").until(() -> matcher.counts().parked() > 500);
            Future<?> inserts = threads.submit(() -> {
                for (int n = 4_000; n < 4_400; n++) {
                    insert(n, n, "'{\"key\": \"' || n || '\", \"group\": ' || n / 2 || '}'");
                }
            });
            ChangedRule changed = pgmatch.changeRule(POOL, BY_GROUP, done -> {});
            inserts.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
            matcher.awaitDrained();

            assertThat(changed.ruleVersion()).isEqualTo(2);
            assertThat(changed.refused()).isEqualTo(507);
        }
        PoolAudit audit = pgmatch.audit(POOL).get(0);
        assertThat(audit.breaches()).isEmpty();
        assertThat(audit.legalPairsLeft()).isZero();
        // 1 is alone in its group, and so is 3000.
        assertThat(audit.pairs()).isEqualTo(1_499 + 200);
        assertThat(audit.waiting()).isEqualTo(2);
        assertThat(audit.retired()).isEqualTo(507);
        assertThat(database.queryAll("SELECT DISTINCT reason FROM pgmatch.retired_tasks ORDER BY reason"))
                .containsExactly(
                        "refused: attribute \"group\": wanted a number within ±1e100 with at most 100 decimals,"
                                + " got \"none\"",
                        "refused: attribute \"group\": wanted a number within ±1e100 with at most 100 decimals,"
                                + " got nothing");
        assertThat(database.queryAll("SELECT DISTINCT rule_version FROM pgmatch.matched_pairs"))
                .containsExactly("2");
        assertThat(pgmatch.pool(POOL).deriving()).isFalse();
    }

    @Test
    void aChangeThatWasKilledOnTheWayIsFinishedByAMatcher() throws Exception {
        insert(1, 20, "'{\"key\": \"' || n || '\", \"group\": ' || n / 10 || '}'");
        drain();
        putIntoForce(BY_GROUP);
        assertThat(pgmatch.pool(POOL).deriving()).isTrue();

        drain();

        assertThat(pgmatch.pool(POOL).deriving()).isFalse();
        assertThat(database.count("SELECT count(*) FROM pgmatch.matched_pairs")).isEqualTo(9);
        assertThat(pgmatch.audit(POOL).get(0).isAtRest()).isTrue();
    }

    @Test
    void aChangeThatWasKilledOnTheWayIsFinishedByRunningItAgain() {
        insert(1, 20, "'{\"key\": \"' || n || '\", \"group\": 1}'");
        insert(21, 23, "'{\"key\": \"' || n || '\"}'");
        putIntoForce(BY_GROUP);

        ChangedRule changed = pgmatch.changeRule(POOL, BY_GROUP, done -> {});

        assertThat(changed).isEqualTo(new ChangedRule(2, 20, 3));
        assertThat(pgmatch.changeRule(POOL, BY_GROUP, done -> {})).isEqualTo(new ChangedRule(2, 0, 3));
        assertThat(pgmatch.pool(POOL).deriving()).isFalse();
        assertThat(database.count("SELECT count(*) FROM pgmatch.pool_rules WHERE pool = 'p'"))
                .isEqualTo(2);
    }

    @Test
    void aTaskThatSomebodyHoldsIsDerivedOnceItIsLetGo() throws Exception {
        insert(1, 3, "'{\"key\": \"' || n || '\", \"group\": 1}'");
        try (Connection session = database.connect();
                Statement statement = session.createStatement()) {
            session.setAutoCommit(false);
            statement.execute("SELECT FROM pgmatch.tasks WHERE attributes ->> 'key' = '2' FOR UPDATE");
            Future<ChangedRule> change = threads.submit(() -> pgmatch.changeRule(POOL, BY_GROUP, done -> {}));
            await("the others are derived")
                    .until(() -> database.count("SELECT count(*) FROM pgmatch.tasks WHERE rule_version = 2") == 2);
            assertThat(pgmatch.pool(POOL).deriving()).isTrue();
            session.rollback();
            assertThat(change.get(DEADLINE_SECONDS, TimeUnit.SECONDS).derived()).isEqualTo(3);
        }
    }

    @Test
    void aRoundByTheOldRuleLeavesATaskOfTheNewOneAlone() throws Exception {
        Interceptor interceptor = new Interceptor(database.dataSource());
        Database intercepted = new Database(interceptor.dataSource());
        Round round = new Round("old", 10, RoundSettings.defaults(), new Rules());
        try (Interceptor.Stop beforeTheClaim = interceptor.stopBefore("AND (t.search_at, t.id) >=")) {
            Future<Round.Outcome> old = threads.submit(() -> {
                try (Transaction transaction = intercepted.begin()) {
                    return round.run(transaction, POOL, new ClaimMark(new ClaimFront()));
                }
            });
            beforeTheClaim.awaitReached();
            pgmatch.changeRule(POOL, BY_GROUP, done -> {});
            // By the old rule this task has no key, and nobody could be its partner.
            insert(1, 1, "'{\"group\": 7}'");
            beforeTheClaim.release();
            assertThat(old.get(DEADLINE_SECONDS, TimeUnit.SECONDS).outdated()).hasSize(1);
        }
        assertThat(database.queryAll("SELECT search_at FROM pgmatch.tasks")).containsExactly("-infinity");
        insert(2, 2, "'{\"group\": 7}'");
        drain();
        assertThat(database.count("SELECT count(*) FROM pgmatch.matched_pairs")).isEqualTo(1);
    }

    @Test
    void aPairOfARoundByTheOldRuleRecordsTheOldVersion() throws Exception {
        insert(1, 2, "'{\"key\": \"a\", \"group\": ' || n || '}'");
        Interceptor interceptor = new Interceptor(database.dataSource());
        Database intercepted = new Database(interceptor.dataSource());
        Round round = new Round("old", 10, RoundSettings.defaults(), new Rules());
        try (Interceptor.Stop afterTheClaim = interceptor.stopAfter("AND (t.search_at, t.id) >=")) {
            Future<Round.Outcome> old = threads.submit(() -> {
                try (Transaction transaction = intercepted.begin()) {
                    return round.run(transaction, POOL, new ClaimMark(new ClaimFront()));
                }
            });
            afterTheClaim.awaitReached();
            Future<ChangedRule> change = threads.submit(() -> pgmatch.changeRule(POOL, BY_GROUP, done -> {}));
            await("the new rule is in force").until(() -> pgmatch.pool(POOL).ruleVersion() == 2);
            afterTheClaim.release();
            assertThat(old.get(DEADLINE_SECONDS, TimeUnit.SECONDS).pairs()).isEqualTo(1);
            change.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        }
        assertThat(database.queryAll("SELECT rule_version FROM pgmatch.matched_pairs"))
                .containsExactly("1");
        assertThat(pgmatch.audit(POOL).get(0).breaches()).isEmpty();
    }

    @Test
    void aBrokenRuleChangesNothing() {
        assertThatThrownBy(() -> pgmatch.changeRule(POOL, "{\"match\": [{\"equal\": \"mood\"}]}", done -> {}))
                .isInstanceOf(PgmatchException.class)
                .hasMessageStartingWith("match[0].equal: wanted");
        assertThatThrownBy(() -> pgmatch.changeRule("q", BY_GROUP, done -> {}))
                .hasMessageStartingWith("pool \"q\": wanted an existing pool");
        assertThat(pgmatch.pool(POOL).ruleVersion()).isEqualTo(1);
        assertThat(pgmatch.pool(POOL).deriving()).isFalse();
    }

    private void insert(int from, int to, String attributes) {
        database.execute("INSERT INTO pgmatch.tasks (pool, attributes) SELECT 'p', (" + attributes
                + ")::jsonb FROM generate_series(" + from + ", " + to + ") AS n");
    }

    /** What the command does before anything can kill it. */
    private void putIntoForce(String json) {
        Rule rule = Rule.parse(json);
        assertThat(ChangeRule.run(database.database(), POOL, rule.source(), rule.compiled()))
                .isEqualTo(2);
    }

    private void drain() throws InterruptedException {
        try (Matcher matcher = Matcher.builder(database.dataSource()).build()) {
            matcher.start();
            matcher.awaitDrained();
        }
    }
}
