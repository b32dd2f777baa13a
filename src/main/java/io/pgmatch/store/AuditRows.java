package io.pgmatch.store;

import static io.pgmatch.store.generated.Tables.MATCHED_PAIRS;

import io.pgmatch.model.Pair;
import io.pgmatch.model.TaskNeeds;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.store.generated.Tables;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jooq.Cursor;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** What an audit reads, all in the one snapshot of its transaction. */
public final class AuditRows {
    private static final int FETCH_ROWS = 2_000;

    static final String POOLS = """
            SELECT r.pool, coalesce(p.paused, false)
            FROM (SELECT DISTINCT pool FROM pgmatch.pool_rules) AS r
            LEFT JOIN pgmatch.pools AS p USING (pool)
            WHERE ?::text IS NULL OR r.pool = ?::text
            ORDER BY r.pool
            """;

    static final String COUNTS = """
            SELECT (SELECT coalesce(sum(inserted), 0)::bigint FROM pgmatch.task_tally WHERE pool = ?),
                   (SELECT count(*) FROM pgmatch.tasks WHERE pool = ?),
                   (SELECT count(*) FROM pgmatch.matched_pairs WHERE pool = ?),
                   (SELECT count(*) FROM pgmatch.retired_tasks WHERE pool = ?)
            """;

    static final String IN_TWO_PLACES = """
            SELECT 'task ' || place.id || ' is in ' || string_agg(place.name, ' and in ' ORDER BY place.name)
            FROM (
                SELECT id, 'tasks' AS name FROM pgmatch.tasks WHERE pool = ?
                UNION ALL
                SELECT id, 'retired_tasks' FROM pgmatch.retired_tasks WHERE pool = ?
                UNION ALL
                SELECT first_id, 'the pair ' || first_id || '-' || second_id
                FROM pgmatch.matched_pairs WHERE pool = ?
                UNION ALL
                SELECT second_id, 'the pair ' || first_id || '-' || second_id
                FROM pgmatch.matched_pairs WHERE pool = ?) AS place
            GROUP BY place.id
            HAVING count(*) > 1
            ORDER BY place.id
            LIMIT ?
            """;

    private static final TaskRows TASKS = new TaskRows(TaskNeeds.ALL);

    static final String WAITING = """
            SELECT %s
            FROM pgmatch.tasks AS t
            WHERE t.pool = ? AND t.id > ? AND t.rule_version = ? AND (t.expires_at IS NULL OR t.expires_at > now())
            ORDER BY t.id
            LIMIT ?
            """.formatted(TASKS.columns());

    private AuditRows() {}

    /** A pool that exists or once did. */
    public record AuditedPool(String name, boolean paused) {}

    /** How many tasks came into a pool, and where they are. */
    public record Counts(long inserted, long waiting, long pairs, long retired) {}

    /** The pools there ever were, by name, or the one named. */
    public static List<AuditedPool> pools(Transaction transaction, @Nullable String pool) {
        return transaction
                .dsl()
                .fetch(POOLS, pool, pool)
                .map(row -> new AuditedPool(row.get(0, String.class), row.get(1, Boolean.class)));
    }

    /** A rule and its version. */
    public record CurrentRule(String json, int version) {}

    /** The rule in force, empty for a pool that was dropped. */
    public static Optional<CurrentRule> currentRule(Transaction transaction, String pool) {
        return transaction
                .dsl()
                .select(Tables.POOLS.RULE, Tables.POOLS.RULE_VERSION)
                .from(Tables.POOLS)
                .where(Tables.POOLS.POOL.eq(pool))
                .fetchOptional(row -> new CurrentRule(row.value1().data(), row.value2()));
    }

    /** Counts a pool's tasks. */
    public static Counts counts(Transaction transaction, String pool) {
        Record row = transaction.dsl().fetchSingle(COUNTS, pool, pool, pool, pool);
        return new Counts(
                row.get(0, Long.class), row.get(1, Long.class), row.get(2, Long.class), row.get(3, Long.class));
    }

    /** One line for each task that is in two places, at most {@code limit}. */
    public static List<String> inTwoPlaces(Transaction transaction, String pool, int limit) {
        return transaction
                .dsl()
                .fetch(IN_TWO_PLACES, pool, pool, pool, pool, limit)
                .map(row -> row.get(0, String.class));
    }

    /** Hands over every pair of a pool, in no order. */
    public static void forEachPair(Transaction transaction, String pool, Consumer<Pair> sink) {
        try (Cursor<?> rows = transaction
                .dsl()
                .selectFrom(MATCHED_PAIRS)
                .where(MATCHED_PAIRS.POOL.eq(pool))
                .fetchSize(FETCH_ROWS)
                .fetchLazy()) {
            for (Record row : rows) {
                sink.accept(PairRows.pair(row));
            }
        }
    }

    /**
     * The next waiting tasks of a pool by id, those left out that have expired or were not yet derived by
     * that version of the rule.
     */
    public static List<WaitingTask> waiting(
            Transaction transaction, String pool, int version, long afterId, int limit) {
        List<WaitingTask> tasks = new ArrayList<>();
        try (ResultSet rows = transaction
                .dsl()
                .resultQuery(WAITING, pool, afterId, version, limit)
                .fetchResultSet()) {
            while (rows.next()) {
                tasks.add(TASKS.read(rows));
            }
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
        return tasks;
    }

    /** The database's time throughout the audit. */
    public static Instant now(Transaction transaction) {
        return transaction
                .dsl()
                .fetchSingle("SELECT now()")
                .get(0, OffsetDateTime.class)
                .toInstant();
    }
}
