package io.pgmatch.store;

import static io.pgmatch.store.generated.Tables.POOLS;

import java.util.List;
import java.util.Optional;
import org.jooq.Record;

/** Derives waiting tasks anew by the rule that is in force, past those that others hold. */
public final class DeriveTasks {
    static final String LOCK = "SELECT pg_advisory_xact_lock_shared(pgmatch.pool_lock(?))";

    static final String NEXT = """
            SELECT t.id, t.attributes::text FROM pgmatch.tasks AS t
            WHERE t.pool = ? AND t.id > ? AND t.rule_version <> ?
            ORDER BY t.id
            LIMIT ?
            FOR UPDATE SKIP LOCKED
            """;

    static final String THESE = """
            SELECT t.id, t.attributes::text FROM pgmatch.tasks AS t
            WHERE t.pool = ? AND t.id = ANY (?::bigint[]) AND t.rule_version <> ?
            FOR UPDATE SKIP LOCKED
            """;

    /** The trigger admit_task derives the rest, and makes the tasks fresh. */
    static final String DERIVE = """
            UPDATE pgmatch.tasks AS t SET rule_version = ? WHERE t.pool = ? AND t.id = ANY (?::bigint[])
            """;

    static final String RETIRE = """
            WITH gone AS (
                DELETE FROM pgmatch.tasks AS t
                USING unnest(?::bigint[], ?::text[]) AS r (id, reason)
                WHERE t.pool = ? AND t.id = r.id
                RETURNING t.pool, t.id, t.ref, t.attributes, t.inserted_at, r.reason)
            INSERT INTO pgmatch.retired_tasks (pool, id, ref, attributes, inserted_at, reason)
            SELECT g.pool, g.id, g.ref, g.attributes, g.inserted_at, g.reason FROM gone AS g
            """;

    static final String FINISH = """
            UPDATE pgmatch.pools AS p SET deriving = false
            WHERE p.pool = ? AND p.deriving
              AND NOT EXISTS (SELECT FROM pgmatch.tasks AS t
                              WHERE t.pool = p.pool AND t.rule_version <> p.rule_version)
            """;

    static final String LEFT = """
            SELECT count(*) FROM pgmatch.tasks AS t
            JOIN pgmatch.pools AS p ON p.pool = t.pool AND p.rule_version <> t.rule_version
            WHERE t.pool = ?
            """;

    private DeriveTasks() {}

    /** A task that an earlier version of the rule has derived, locked. */
    public record Outdated(long id, String attributes) {}

    /** The rule that is in force, as JSON. */
    public record InForce(int version, String rule) {}

    /** A task that the rule refuses, and why. */
    public record Refused(long id, String reason) {}

    /**
     * The rule that is in force, and stays so until the transaction ends; empty if the pool does not
     * exist. The first statement of a step.
     */
    public static Optional<InForce> begin(Transaction transaction, String pool) {
        PlannerSettings.apply(transaction);
        transaction.dsl().fetch(LOCK, pool);
        return transaction
                .dsl()
                .select(POOLS.RULE_VERSION, POOLS.RULE)
                .from(POOLS)
                .where(POOLS.POOL.eq(pool))
                .fetchOptional(row -> new InForce(row.value1(), row.value2().data()));
    }

    /** Locks the next tasks by id that another version has derived. */
    public static List<Outdated> next(Transaction transaction, String pool, int version, long afterId, int limit) {
        return transaction.dsl().fetch(NEXT, pool, afterId, version, limit).map(DeriveTasks::outdated);
    }

    /** Locks those of these tasks that another version has derived. */
    public static List<Outdated> these(Transaction transaction, String pool, int version, List<Long> ids) {
        return transaction
                .dsl()
                .fetch(THESE, pool, ids.toArray(Long[]::new), version)
                .map(DeriveTasks::outdated);
    }

    /** Derives locked tasks that the rule does not refuse. */
    public static void derive(Transaction transaction, String pool, int version, List<Long> ids) {
        if (!ids.isEmpty()) {
            transaction.dsl().execute(DERIVE, version, pool, ids.toArray(Long[]::new));
        }
    }

    /** Retires locked tasks that the rule refuses. */
    public static void retire(Transaction transaction, String pool, List<Refused> refused) {
        if (!refused.isEmpty()) {
            transaction
                    .dsl()
                    .execute(
                            RETIRE,
                            refused.stream().map(Refused::id).toArray(Long[]::new),
                            refused.stream().map(Refused::reason).toArray(String[]::new),
                            pool);
        }
    }

    /** Notes that all waiting tasks are derived by the rule in force, if so. */
    public static void finish(Transaction transaction, String pool) {
        transaction.dsl().execute(FINISH, pool);
    }

    /** How many waiting tasks another version than the one in force has derived. */
    public static long left(Database database, String pool) {
        return database.run(dsl -> dsl.fetchSingle(LEFT, pool).get(0, Long.class));
    }

    private static Outdated outdated(Record row) {
        return new Outdated(row.get(0, Long.class), row.get(1, String.class));
    }
}
