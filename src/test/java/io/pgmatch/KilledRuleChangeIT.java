package io.pgmatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgmatch.model.PoolAudit;
import io.pgmatch.testing.PgmatchProcess;
import io.pgmatch.testing.PgmatchProcess.Outcome;
import io.pgmatch.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code pool rule}, killed in the middle: its first step is committed, its second has derived its tasks
 * and waits to retire one of them. The change is then finished by matchers, or by running it again.
 */
final class KilledRuleChangeIT {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int KILLED = 128 + 9;

    private static final int STEP = 1_000;
    private static final int TASKS = 3 * STEP;

    /** One of so many is refused by the new rule: it has no number. */
    private static final int REFUSED_EACH = 100;

    private static final int REFUSED = TASKS / REFUSED_EACH;

    /** Pairs that the first rule has made. */
    private static final int EARLIER_PAIRS = 10;

    /** Key of a task of the second step that the new rule refuses. */
    private static final int HELD = STEP + 5 * REFUSED_EACH;

    private static final String BY_KEY = """
            {"attributes": {"key": {"type": "text"}}, "match": [{"equal": "key"}]}""";

    private static final String BY_GROUP = """
            {"attributes": {"group": {"type": "number"}}, "match": [{"equal": "group"}]}""";

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @TempDir
    Path directory;

    private Pgmatch pgmatch;

    @BeforeEach
    void createPool() {
        pgmatch = Pgmatch.on(database.dataSource());
        pgmatch.createPool("p", BY_KEY);
        database.execute("""
                INSERT INTO pgmatch.tasks (pool, attributes)
                SELECT 'p', jsonb_build_object('key', 'twin ' || n / 2, 'group', -n)
                FROM generate_series(0, %d) AS n
                """.formatted(2 * EARLIER_PAIRS - 1));
        // By the first rule these fit nobody, by the second 2 fits 3, 4 fits 5, and so on.
        database.execute("""
                INSERT INTO pgmatch.tasks (pool, attributes)
                SELECT 'p', jsonb_build_object('key', n::text,
                                               'group', CASE WHEN n %% %d = 0 THEN '"none"' ELSE to_jsonb(n / 2) END)
                FROM generate_series(1, %d) AS n
                """.formatted(REFUSED_EACH, TASKS));
    }

    @Test
    void matchersFinishAChangeWhoseCommandWasKilled() throws Exception {
        try (PgmatchProcess matcher = pgmatch("run", "--url", database.url());
                Connection holder = database.connect();
                Statement held = holder.createStatement()) {
            awaitRest();
            // It would share in the change, and might be the one that waits for us.
            matcher.stop();
            holder.setAutoCommit(false);
            killInTheMiddleOfAChange(held);
            matcher.resume();

            // The server has not yet noticed that the command is dead: its last step is still open.
            await("all but the tasks of that step are derived").atMost(DEADLINE).until(() -> outdated() == STEP);
            database.execute("""
                    INSERT INTO pgmatch.tasks (pool, attributes) VALUES ('p', '{"group": 0.5}'), ('p', '{"group": 0.50}')
                    """);
            await("newcomers are paired")
                    .atMost(DEADLINE)
                    .until(() -> database.count(
                                    "SELECT count(*) FROM pgmatch.matched_pairs WHERE first_attributes @> '{\"group\": 0.5}'")
                            == 1);
            assertThat(outdated()).isEqualTo(STEP);

            holder.rollback();
            await("the change is finished")
                    .atMost(DEADLINE)
                    .until(() -> !pgmatch.pool("p").deriving());
            awaitRest();
            matcher.terminate();
            assertThat(matcher.awaitExit(DEADLINE)).isZero();
        }
        assertNothingIsLostAndEveryPairMade(1);
    }

    @Test
    void theCommandFinishesItsChangeWhenItIsRunAgain() throws Exception {
        drain();
        try (Connection holder = database.connect();
                Statement held = holder.createStatement()) {
            holder.setAutoCommit(false);
            killInTheMiddleOfAChange(held);
            holder.rollback();
        }

        Outcome again;
        try (PgmatchProcess change = changeRule()) {
            again = change.awaitOutcome(DEADLINE);
        }

        assertThat(again.errors()).isEmpty();
        assertThat(again.exitCode()).isZero();
        // It derives what was left, and counts whom the rule refused from the beginning.
        assertThat(again.output())
                .startsWith(
                        "pool p has version 2 of its rule",
                        (TASKS - REFUSED) * (TASKS - STEP) / TASKS + " waiting tasks to be searched for again",
                        REFUSED + " waiting tasks refused and retired; pgmatch.retired_tasks has the reasons");
        assertThat(pgmatch.pool("p").deriving()).isFalse();
        drain();
        assertNothingIsLostAndEveryPairMade(0);
    }

    /** On return the command is dead, and its second step waits for {@code holder}, with its tasks locked. */
    private void killInTheMiddleOfAChange(Statement holder) throws IOException, SQLException {
        // Whoever retires the task meets this row of its key, and has to wait for what becomes of it.
        holder.execute("""
                INSERT INTO pgmatch.retired_tasks (pool, id, attributes, inserted_at, reason)
                SELECT pool, id, attributes, inserted_at, 'held' FROM pgmatch.tasks WHERE attributes ->> 'key' = '%d'
                """.formatted(HELD));
        try (PgmatchProcess change = changeRule()) {
            await("the change waits for us").atMost(DEADLINE).until(() -> database.count("""
                            SELECT count(*) FROM pg_stat_activity
                            WHERE datname = current_database() AND wait_event_type = 'Lock'
                                AND query LIKE '%INSERT INTO pgmatch.retired_tasks%'
                            """) == 1);
            assertThat(outdated()).isEqualTo(TASKS - STEP);
            assertThat(database.count("SELECT count(*) FROM pgmatch.retired_tasks"))
                    .isEqualTo(STEP / REFUSED_EACH);
            change.kill();
            assertThat(change.awaitExit(DEADLINE)).isEqualTo(KILLED);
        }
        assertThat(pgmatch.pool("p").deriving()).isTrue();
        assertThat(outdated()).isEqualTo(TASKS - STEP);
    }

    private void assertNothingIsLostAndEveryPairMade(int newcomerPairs) {
        PoolAudit audit = pgmatch.audit("p").get(0);
        assertThat(audit.breaches()).isEmpty();
        assertThat(audit.legalPairsLeft()).isZero();
        // Waiting are those whose partner was refused; of the last one that is refused there is none, of 1 neither.
        assertThat(audit.waiting()).isEqualTo(REFUSED);
        assertThat(audit.retired()).isEqualTo(REFUSED);
        assertThat(database.queryAll("""
                        SELECT rule_version || ': ' || count(*) FROM pgmatch.matched_pairs
                        GROUP BY rule_version ORDER BY rule_version
                        """))
                .containsExactly("1: " + EARLIER_PAIRS, "2: " + ((TASKS - 2 * REFUSED) / 2 + newcomerPairs));
        assertThat(database.queryAll("SELECT DISTINCT rule_version FROM pgmatch.tasks WHERE pool = 'p'"))
                .containsExactly("2");
        assertThat(database.queryAll("SELECT DISTINCT reason FROM pgmatch.retired_tasks"))
                .containsExactly("refused: attribute \"group\": wanted a number within ±1e100 with at most 100"
                        + " decimals, got \"none\"");
    }

    /** How many waiting tasks are still those of the first rule. */
    private long outdated() {
        return database.count("SELECT count(*) FROM pgmatch.tasks WHERE rule_version = 1");
    }

    private void awaitRest() {
        await("everybody who waits is parked")
                .atMost(DEADLINE)
                .until(() -> database.count("SELECT count(*) FROM pgmatch.tasks WHERE search_at < 'infinity'") == 0);
    }

    private void drain() throws InterruptedException {
        try (Matcher matcher = Matcher.builder(database.dataSource()).build()) {
            matcher.start();
            matcher.awaitDrained();
        }
    }

    private PgmatchProcess changeRule() throws IOException {
        Path rule = Files.writeString(directory.resolve("rule.json"), BY_GROUP);
        return pgmatch("pool", "rule", "p", "--file", rule.toString(), "--url", database.url());
    }

    private PgmatchProcess pgmatch(String... arguments) {
        return PgmatchProcess.setup().in(directory).start(arguments);
    }
}
