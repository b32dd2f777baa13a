package io.pgmatch.store;

import static io.pgmatch.store.generated.Tables.POOLS;
import static io.pgmatch.store.generated.Tables.TASKS;

import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.Pool;
import java.util.List;
import java.util.Optional;
import org.jooq.JSONB;
import org.jooq.Record;

/** Creates, lists, pauses and drops pools. */
public final class PoolRows {
    private static final String LOCK_TIMEOUT_MILLIS = "5000";
    private static final String UNIQUE_VIOLATION = "23505";
    private static final String CHECK_VIOLATION = "23514";

    private PoolRows() {}

    /**
     * Creates a pool.
     *
     * @param rule JSON of a rule that has been checked
     * @param compiled what the insert trigger needs of it
     */
    public static void create(Database database, String name, String rule, String compiled) {
        try {
            database.run(dsl -> dsl.execute(
                    "INSERT INTO pgmatch.pools (pool, rule, compiled) VALUES (?, ?::jsonb, ?::jsonb)",
                    name,
                    rule,
                    compiled));
        } catch (DatabaseException e) {
            if (e.sqlState().equals(UNIQUE_VIOLATION)) {
                throw new PgmatchException(
                        "pool \"" + name + "\": wanted a new name, got one that exists; "
                                + "to change its rule: pgmatch pool rule",
                        e);
            }
            if (e.sqlState().equals(CHECK_VIOLATION)) {
                throw new PgmatchException(
                        "pool name: wanted 1 to 100 of A-Z, a-z, 0-9 and _ . : / -, got \"" + name + "\"", e);
            }
            throw e;
        }
    }

    /** All pools, by name. */
    public static List<Pool> list(Database database) {
        return database.run(dsl -> dsl.selectFrom(POOLS).orderBy(POOLS.POOL).fetch(PoolRows::pool));
    }

    /** One pool. */
    public static Optional<Pool> find(Database database, String name) {
        return database.run(
                dsl -> dsl.selectFrom(POOLS).where(POOLS.POOL.eq(name)).fetchOptional(PoolRows::pool));
    }

    /** Pauses or resumes a pool; false if there is none of that name. */
    public static boolean pause(Database database, String name, boolean paused) {
        return database.run(dsl -> dsl.update(POOLS)
                        .set(POOLS.PAUSED, paused)
                        .where(POOLS.POOL.eq(name))
                        .execute())
                == 1;
    }

    /**
     * Drops a pool. Its pairs, its retired tasks and the history of its rule stay.
     *
     * @param retire whether to retire the tasks that wait in it
     * @return how many tasks were retired
     */
    public static long drop(Database database, String name, boolean retire) {
        try (Transaction transaction = database.begin()) {
            var dsl = transaction.dsl();
            dsl.fetch("SELECT set_config('lock_timeout', ?, true)", LOCK_TIMEOUT_MILLIS);
            dsl.fetch("SELECT pg_advisory_xact_lock(pgmatch.pool_lock(?))", name);
            long retired = 0;
            if (retire) {
                retired = dsl.execute("""
                        WITH gone AS (
                            DELETE FROM pgmatch.tasks AS t WHERE t.pool = ?
                            RETURNING t.pool, t.id, t.ref, t.attributes, t.inserted_at)
                        INSERT INTO pgmatch.retired_tasks (pool, id, ref, attributes, inserted_at, reason)
                        SELECT g.pool, g.id, g.ref, g.attributes, g.inserted_at, 'dropped' FROM gone AS g
                        """, name);
            }
            if (dsl.fetchExists(TASKS, TASKS.POOL.eq(name))) {
                throw new PgmatchException("pool \"" + name + "\": wanted one in which no task waits, got "
                        + "one with waiting tasks; to retire them, drop it with --retire");
            }
            if (dsl.deleteFrom(POOLS).where(POOLS.POOL.eq(name)).execute() == 0) {
                throw unknown(name);
            }
            transaction.commit();
            return retired;
        }
    }

    /** What to throw where a pool is named that does not exist. */
    public static PgmatchException unknown(String name) {
        return new PgmatchException("pool \"" + name + "\": wanted an existing pool, got none of that name; "
                + "create it with: pgmatch pool create");
    }

    private static Pool pool(Record row) {
        JSONB rule = row.get(POOLS.RULE);
        return new Pool(
                row.get(POOLS.POOL),
                rule.data(),
                row.get(POOLS.RULE_VERSION),
                row.get(POOLS.PAUSED),
                row.get(POOLS.CREATED_AT).toInstant(),
                row.get(POOLS.DERIVING));
    }
}
