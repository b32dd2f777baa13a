package io.pgmatch.store;

import org.jooq.impl.DefaultExecuteListenerProvider;

/** Retires tasks that have expired, past those that others hold. */
public final class RetireExpired {
    static final String SQL = """
            WITH expired AS MATERIALIZED (
                SELECT t.pool, t.id FROM pgmatch.tasks AS t
                WHERE t.expires_at <= now()
                ORDER BY t.expires_at
                LIMIT ?
                FOR UPDATE SKIP LOCKED),
            gone AS (
                DELETE FROM pgmatch.tasks AS t USING expired AS e
                WHERE t.pool = e.pool AND t.id = e.id
                RETURNING t.pool, t.id, t.ref, t.attributes, t.inserted_at)
            INSERT INTO pgmatch.retired_tasks (pool, id, ref, attributes, inserted_at, reason)
            SELECT g.pool, g.id, g.ref, g.attributes, g.inserted_at, 'expired' FROM gone AS g
            """;

    private RetireExpired() {}

    /** Retires at most {@code limit} tasks; returns how many. */
    public static int run(Database database, int limit) {
        return database.run(dsl -> dsl.configuration()
                .deriveAppending(new DefaultExecuteListenerProvider(new FindWork.PlanAnew()))
                .dsl()
                .execute(SQL, limit));
    }
}
