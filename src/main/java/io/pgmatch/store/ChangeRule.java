package io.pgmatch.store;

import static io.pgmatch.store.generated.Tables.POOLS;

import io.pgmatch.model.PgmatchException;
import org.jooq.Record;

/** Puts a new rule into force; the tasks that wait are then to be derived anew by {@link DeriveTasks}. */
public final class ChangeRule {
    private static final String LOCK_TIMEOUT_MILLIS = "5000";
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** Inserts hold the lock in common until they commit, so that none goes by the old rule from here on. */
    static final String LOCK = "SELECT pg_advisory_xact_lock(pgmatch.pool_lock(?))";

    static final String SQL = """
            UPDATE pgmatch.pools SET rule = ?::jsonb, compiled = ?::jsonb, deriving = true
            WHERE pool = ? AND (rule, compiled) IS DISTINCT FROM (?::jsonb, ?::jsonb)
            """;

    static final String REFUSED_SINCE = """
            SELECT count(*) FROM pgmatch.retired_tasks AS t
            WHERE t.pool = ? AND t.reason LIKE 'refused: %'
              AND t.retired_at >= (SELECT r.created_at FROM pgmatch.pool_rules AS r
                                   WHERE r.pool = ? AND r.rule_version = ?)
            """;

    private ChangeRule() {}

    /**
     * Runs the statement; returns the version that is in force then. The rule that is in force already
     * stays what it is.
     *
     * @param rule JSON of a rule that has been checked
     * @param compiled what the insert trigger needs of it
     */
    public static int run(Database database, String pool, String rule, String compiled) {
        try (Transaction transaction = database.begin()) {
            var dsl = transaction.dsl();
            dsl.fetch("SELECT set_config('lock_timeout', ?, true)", LOCK_TIMEOUT_MILLIS);
            dsl.fetch(LOCK, pool);
            dsl.execute(SQL, rule, compiled, pool, rule, compiled);
            Record row = dsl.select(POOLS.RULE_VERSION)
                    .from(POOLS)
                    .where(POOLS.POOL.eq(pool))
                    .fetchOne();
            if (row == null) {
                throw PoolRows.unknown(pool);
            }
            transaction.commit();
            return row.get(POOLS.RULE_VERSION);
        } catch (DatabaseException e) {
            if (e.sqlState().equals(LOCK_NOT_AVAILABLE)) {
                throw new PgmatchException(
                        "pool \"" + pool + "\": wanted a moment without an open insert into it, got none within"
                                + " 5 s; its rule stays as it was, try again",
                        e);
            }
            throw e;
        }
    }

    /** How many tasks were retired since that version came into force, because a new rule refuses them. */
    public static long refusedSince(Database database, String pool, int ruleVersion) {
        return database.run(
                dsl -> dsl.fetchSingle(REFUSED_SINCE, pool, pool, ruleVersion).get(0, Long.class));
    }
}
