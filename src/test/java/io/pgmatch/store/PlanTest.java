package io.pgmatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.Matcher;
import io.pgmatch.model.TaskNeeds;
import io.pgmatch.rule.Rule;
import io.pgmatch.testing.Interceptor;
import io.pgmatch.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Claim and search read tasks by their index and in its order, whether the table is empty or holds a
 * million rows, and whatever the statistics say. So do the other statements that matchers repeat.
 */
final class PlanTest {
    private static final int MILLION = 1_000_000;
    private static final int MANY = 100_000;

    /** Fragments by which the statements are told apart. */
    private static final String CLAIM = "(t.search_at, t.id) >=";

    private static final String CLAIM_IN_BLOCKS = "WITH RECURSIVE block";
    private static final String CLAIM_AGAIN = "AND t.search_at > '-infinity'";
    private static final String SEARCH = "WITH ORDINALITY";
    private static final String ANYBODY_WAITING = "pgmatch.tasks AS e";
    private static final String SEARCH_OF_ALL = "LIMIT 1) AS first_id";
    private static final String BACKLOGS = "f.id\n    OFFSET ";
    private static final String SEARCH_IN_ORDER = "w.direction = 0";
    private static final String PARTNER = "FROM claimed AS c";
    private static final String TAKE = "SELECT t.id FROM pgmatch.tasks";
    private static final String PARK = "UPDATE pgmatch.tasks";
    private static final String RECORD_MANY = "gone AS (";
    private static final String RECORD_ONE = "LEFT JOIN f ON true";
    private static final String FIND = "FROM pgmatch.pools AS p";
    private static final String RETIRE = "INSERT INTO pgmatch.retired_tasks";

    /** In the order in which the migrations made them: between equals the planner goes by it. */
    private static final String FOR_EACH_INDEX = """
            DO $$
            DECLARE
                command text;
            BEGIN
                FOR command IN SELECT %s FROM known WHERE index IS NOT NULL ORDER BY index LOOP
                    EXECUTE command;
                END LOOP;
            END
            $$""";

    private static final String INSERT_NEAREST = """
            INSERT INTO pgmatch.tasks (pool, attributes)
            SELECT 'nearest', jsonb_build_object('side', '%s', 'x', %s) FROM generate_series(1, %d) AS n
            """;

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    /** The statements with the planner's settings that name tasks, as they are sent. */
    private final Set<String> ofARound = new LinkedHashSet<>();

    /** Those that a matcher sends between rounds. */
    private final Set<String> betweenRounds = new LinkedHashSet<>();

    @BeforeEach
    void noteWhatAMatcherSends() throws InterruptedException {
        // One expires, two are paired at once, one is parked and then taken by a newcomer.
        drain("INSERT INTO pgmatch.tasks (expires_at) VALUES (now() - interval '1 second'), (NULL), (NULL), (NULL)");
        drain("INSERT INTO pgmatch.tasks DEFAULT VALUES");
        // Of many that wait, whom a rule prefers in another order than that of the ranks is searched for in that order.
        Rule rule = Rule.parse("{\"attributes\": {\"side\": {\"type\": \"text\"}, \"x\": {\"type\": \"number\"}},"
                + " \"match\": [{\"sides\": \"side\", \"pairs\": [[\"buy\", \"sell\"]]}],"
                + " \"prefer\": [{\"nearest\": \"x\"}]}");
        PoolRows.create(database.database(), "nearest", rule.source(), rule.compiled());
        drain(INSERT_NEAREST.formatted("sell", "n", 10));
        drain(INSERT_NEAREST.formatted("buy", "n + 4.5", 1));
        drain(INSERT_NEAREST.formatted("buy", "n + 4.5", 9));
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isZero();
        // What it sends in larger rounds, and in a backlog.
        ofARound.add(SearchPartners.WAITING.of(TaskNeeds.ALL).sql());
        ofARound.add(SearchPartners.ALL.of(TaskNeeds.ALL).sql());
        ofARound.add(TakePartners.STATEMENT.sql());
        ofARound.add(ClaimTasks.LEFT.of(TaskNeeds.ALL).sql());
        ofARound.add(RecordPairs.ONE.sql());
        ofARound.add(RecordPairs.MANY.sql());
        ofARound.add(ConcludeRound.TAKE_AND_RECORD_MANY.sql());
        ofARound.add(ClaimWithPartner.STATEMENT.of(TaskNeeds.ALL).sql());
        ofARound.add(ClaimTasks.IN_BLOCKS.of(TaskNeeds.ALL).sql());
        ofARound.add(ClaimTasks.IN_BLOCKS_UNLOCKED.of(TaskNeeds.ALL).sql());
        ofARound.add(ClaimTasks.AGAIN.of(TaskNeeds.ALL).sql());
        ofARound.add(SearchPartners.AHEAD.of(TaskNeeds.ALL).sql());
        ofARound.add(SearchPartners.AHEAD_UNLOCKED.of(TaskNeeds.ALL).sql());
        ofARound.add(FindBacklogs.STATEMENT.sql());
        // Statistics are what each test makes them.
        database.execute("ALTER TABLE pgmatch.tasks SET (autovacuum_enabled = false)");
    }

    @Test
    void anEmptyTableIsReadByIndex() {
        assertPlansOfARound("never analyzed");
        database.execute("VACUUM ANALYZE pgmatch.tasks");
        assertPlansOfARound("analyzed");
    }

    @Test
    void aMillionTasksAreReadByIndex() throws SQLException {
        fill(MILLION);
        assertPlansOfARound("never analyzed");
        assertPlansBetweenRounds("never analyzed");
        database.execute("VACUUM ANALYZE pgmatch.tasks");
        assertPlansOfARound("analyzed");
        assertPlansBetweenRounds("analyzed");
        empty();
        assertPlansOfARound("analyzed when full, then emptied");
        database.execute("VACUUM pgmatch.tasks");
        assertPlansOfARound("analyzed when full, then emptied and cut off");
    }

    @Test
    void tasksThatCameAfterTheStatisticsAreReadByIndex() throws SQLException {
        database.execute("VACUUM ANALYZE pgmatch.tasks");
        fill(MANY);
        assertPlansOfARound("analyzed when empty, then filled");
        assertPlansBetweenRounds("analyzed when empty, then filled");
    }

    private void drain(String insert) throws InterruptedException {
        database.execute(insert);
        Interceptor interceptor = new Interceptor(database.dataSource());
        try (Matcher matcher = Matcher.builder(interceptor.dataSource()).build()) {
            matcher.start();
            matcher.awaitDrained();
        }
        // Some are sent together.
        List<String> sent = interceptor.statements().stream()
                .flatMap(sql -> Stream.of(sql.split(OneTrip.SEPARATOR)))
                .toList();
        for (String sql : sent) {
            if (sql.contains("pgmatch.tasks")) {
                (sql.contains(FIND) || sql.contains(RETIRE) ? betweenRounds : ofARound).add(sql);
            }
        }
    }

    /** Half of them parked, a tenth due again, the rest fresh; a thousand buckets; some that expire. */
    private void fill(int tasks) throws SQLException {
        try (Connection session = database.connect();
                Statement statement = session.createStatement()) {
            // Without triggers: what they derive is made up here, and the tally is told.
            statement.execute("SET session_replication_role = replica");
            // Indexes that are built at the end take far less time; what the planner then knows
            // of their sizes and the table's is taken back, since inserts would not have told it.
            statement.execute("""
                    CREATE TEMP TABLE known AS
                    SELECT c.relname, c.relpages, c.reltuples, c.relallvisible, i.indexrelid AS index,
                           pg_get_indexdef(i.indexrelid) AS definition
                    FROM pg_class AS c LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
                    WHERE c.oid = 'pgmatch.tasks'::regclass
                       OR i.indrelid = 'pgmatch.tasks'::regclass AND NOT i.indisprimary
                    """);
            statement.execute(FOR_EACH_INDEX.formatted("'DROP INDEX ' || index::regclass"));
            statement.execute("""
                    INSERT INTO pgmatch.tasks (bucket, seeks, search_at, expires_at)
                    SELECT n %% 1000, ARRAY[n %% 1000],
                           CASE WHEN n %% 10 < 5 THEN 'infinity'
                                WHEN n %% 10 = 5 THEN now() - n * interval '1 millisecond' ELSE '-infinity' END,
                           CASE WHEN n %% 100 = 0 THEN now() + n * interval '1 hour' END
                    FROM generate_series(1::bigint, %d) AS n
                    """.formatted(tasks));
            statement.execute(FOR_EACH_INDEX.formatted("definition"));
            statement.execute("""
                    UPDATE pg_class AS c
                    SET relpages = k.relpages, reltuples = k.reltuples, relallvisible = k.relallvisible
                    FROM known AS k WHERE c.relname = k.relname AND c.relnamespace = 'pgmatch'::regnamespace
                    """);
            statement.execute(
                    "INSERT INTO pgmatch.task_tally (pool, inserted) VALUES ('default', %d)".formatted(tasks));
        }
    }

    private void empty() {
        database.execute("""
                WITH gone AS (DELETE FROM pgmatch.tasks RETURNING pool)
                INSERT INTO pgmatch.task_tally (pool, inserted) SELECT pool, -count(*) FROM gone GROUP BY pool
                """);
    }

    /** Sessions keep these plans, so they must be right even if they were made for an empty table. */
    private void assertPlansOfARound(String statistics) {
        Map<String, String> plans = new LinkedHashMap<>();
        ofARound.forEach(sql -> plans.put(sql, keptPlan(sql)));
        plans.forEach((sql, plan) ->
                assertThat(plan).as("%s: %s", statistics, sql).doesNotContain("Seq Scan on tasks", "Bitmap", "Sort\n"));
        assertEach(plans, CLAIM, "Index Scan using tasks_claim on tasks", statistics);
        assertEach(plans, CLAIM, "Index Cond: .*pool = .*search_at <= .*ROW\\(search_at, id\\) >=", statistics);
        assertEach(plans, ANYBODY_WAITING, "InitPlan", statistics);
        assertEach(plans, ANYBODY_WAITING, "Index (Only )?Scan using tasks_waiting on tasks e", statistics);
        assertEach(plans, CLAIM_IN_BLOCKS, "Index Scan using tasks_claim on tasks t", statistics);
        assertEach(plans, CLAIM_IN_BLOCKS, "Index (Only )?Scan using tasks_claim on tasks f", statistics);
        assertEach(plans, CLAIM_IN_BLOCKS, "Index Cond: .*pool = .*search_at = .*id >= .*id < ", statistics);
        assertEach(plans, CLAIM_AGAIN, "Index Scan using tasks_claim on tasks", statistics);
        assertEach(plans, CLAIM_AGAIN, "Index Cond: .*pool = .*search_at > .*search_at <=", statistics);
        assertEach(plans, SEARCH, "Index Scan using tasks_(fresh|waiting) on tasks", statistics);
        assertEach(plans, SEARCH, "Index Cond: .*pool = .*bucket = .*ROW\\(.*rank, .*id\\) > .*rank <=", statistics);
        assertEach(plans, SEARCH_OF_ALL, "Index (Only )?Scan using tasks_claim on tasks f", statistics);
        assertEach(plans, SEARCH_OF_ALL, "Index Scan using tasks_waiting on tasks s", statistics);
        assertEach(plans, SEARCH_OF_ALL, "Index Scan using tasks_fresh on tasks s", statistics);
        assertEach(
                plans,
                SEARCH_OF_ALL,
                "Index Cond: .*ROW\\(.*rank, .*id\\) > ROW\\(.*GREATEST\\(.*rank <= .*id >= ",
                statistics);
        assertEach(plans, BACKLOGS, "Index (Only )?Scan using tasks_claim on tasks f", statistics);
        assertEach(plans, SEARCH_IN_ORDER, "Index Scan using tasks_waiting on tasks", statistics);
        assertEach(plans, SEARCH_IN_ORDER, "Index Scan Backward using tasks_waiting on tasks", statistics);
        assertEach(plans, SEARCH_IN_ORDER, "Index Scan using tasks_preferred on tasks", statistics);
        assertEach(plans, SEARCH_IN_ORDER, "Index Scan Backward using tasks_preferred on tasks", statistics);
        assertEach(plans, SEARCH_IN_ORDER, "Index Cond: .*ROW\\(.*rank, .*id\\) < .*rank >=", statistics);
        assertEach(plans, SEARCH_IN_ORDER, "Index Cond: .*ROW\\(.*preference, .*id\\) > .*preference <=", statistics);
        assertEach(plans, SEARCH_IN_ORDER, "Index Cond: .*ROW\\(.*preference, .*id\\) < .*preference >=", statistics);
        plans.forEach((sql, plan) -> {
            if (sql.contains(SEARCH_IN_ORDER)) {
                assertThat(plan.split("One-Time Filter: \\(w.direction", -1))
                        .as("each direction is read only where it is asked for: %s", plan)
                        .hasSize(5);
            }
        });
        assertEach(plans, TAKE, "Index Cond: .*pool = .*id = ANY", statistics);
        assertEach(plans, PARK, "Index Cond: .*pool = .*id = ANY", statistics);
        assertEach(plans, RECORD_MANY, "Index Cond: .*pool = .*id = ANY", statistics);
        assertEach(plans, RECORD_ONE, "Index Cond: .*pool = .*id = \\$", statistics);
        assertEach(plans, PARTNER, "Index Scan using tasks_waiting on tasks s", statistics);
        assertEach(plans, PARTNER, "Index Scan using tasks_fresh on tasks s", statistics);
        assertEach(plans, PARTNER, "Index Cond: .*pool = .*bucket = .*rank = .*id > ", statistics);
    }

    /** What is not worth an index while there is nothing to read, and is planned each time. */
    private void assertPlansBetweenRounds(String statistics) {
        Map<String, String> plans = new LinkedHashMap<>();
        betweenRounds.forEach(sql -> plans.put(sql, planForOnce(sql)));
        plans.put("often: " + FindWork.STATEMENT.sql(), keptPlan(FindWork.STATEMENT.sql()));
        plans.forEach((sql, plan) -> {
            // Who has expired is found by index; to delete a thousand of not so many, all may be read.
            if (!sql.contains(RETIRE)) {
                assertThat(plan).as("%s: %s", statistics, sql).doesNotContain("Seq Scan on tasks", "Sort\n");
            }
        });
        assertEach(plans, FIND, "using tasks_claim on tasks", statistics);
        assertEach(plans, FIND, "using tasks_expiry on tasks", statistics);
        assertEach(plans, FIND, "NOT .*hashed SubPlan", statistics);
        assertEach(plans, "often", " OR .*hashed SubPlan", statistics);
        assertEach(plans, RETIRE, "using tasks_expiry on tasks", statistics);
    }

    private static void assertEach(Map<String, String> plans, String fragment, String pattern, String statistics) {
        List<String> chosen = plans.entrySet().stream()
                .filter(plan -> plan.getKey().contains(fragment))
                .map(Map.Entry::getValue)
                .toList();
        assertThat(chosen).as("plans of %s", fragment).isNotEmpty();
        chosen.forEach(plan -> assertThat(plan).as(statistics).containsPattern(pattern));
    }

    /** The plan that a session keeps, under the settings of a round: no parameter changes it. */
    private String keptPlan(String sql) {
        try (Transaction transaction = database.database().begin()) {
            var dsl = transaction.dsl();
            dsl.fetch("SELECT " + RoundSettings.defaults().columns());
            dsl.execute("PREPARE kept AS " + numbered(sql));
            String nulls = String.join(", ", Collections.nCopies(parameters(sql), "NULL"));
            List<String> plan = dsl.fetch("EXPLAIN (COSTS OFF) EXECUTE kept (" + nulls + ")")
                    .getValues(0, String.class);
            dsl.execute("DEALLOCATE kept");
            return String.join("\n", plan);
        }
    }

    /** The plan of a statement that is planned each time, under the server's own settings. */
    private String planForOnce(String sql) {
        String literal = sql.replace("LIMIT ?", "LIMIT 1000")
                .replace("cast(? as varchar[])::text[]", "'{}'::text[]")
                .replace("?::text[]", "NULL::text[]")
                .replace("?", "0");
        return String.join("\n", database.queryAll("EXPLAIN (COSTS OFF) " + literal));
    }

    private static String numbered(String sql) {
        String numbered = sql;
        for (int i = 1; i <= parameters(sql); i++) {
            numbered = numbered.replaceFirst("\\?", "\\$" + i);
        }
        return numbered;
    }

    private static int parameters(String sql) {
        return (int) sql.chars().filter(character -> character == '?').count();
    }
}
