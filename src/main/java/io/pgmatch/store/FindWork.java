package io.pgmatch.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jooq.ExecuteContext;
import org.jooq.ExecuteListener;
import org.jooq.Record;
import org.jooq.impl.DefaultExecuteListenerProvider;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/** Looks which pools have due tasks, and whether tasks have expired. */
public final class FindWork {
    static final String SQL = """
            SELECT p.pool
            FROM pgmatch.pools AS p
            CROSS JOIN LATERAL (
                SELECT FROM pgmatch.tasks AS t
                WHERE t.pool = p.pool AND t.search_at <= now() + ?::bigint * interval '1 millisecond'
                ORDER BY t.search_at, t.id
                LIMIT 1) AS due
            WHERE NOT p.paused AND (?::text[] IS NULL OR p.pool = ANY (?::text[]))
            UNION ALL
            SELECT NULL WHERE (
                SELECT t.expires_at FROM pgmatch.tasks AS t
                WHERE t.expires_at IS NOT NULL
                ORDER BY t.expires_at
                LIMIT 1) <= now()
            """;

    private FindWork() {}

    /**
     * What there is to do.
     *
     * @param duePools pools with due tasks, paused ones left out
     * @param expired whether some task has expired and is not yet retired
     */
    public record Work(List<String> duePools, boolean expired) {}

    /**
     * Runs the statement.
     *
     * @param pools the pools to look at, or null for all
     * @param ahead counts tasks as due that will be so within this time
     */
    public static Work run(Database database, String @Nullable [] pools, Duration ahead) {
        List<String> due = new ArrayList<>();
        boolean expired = false;
        for (Record row : database.run(dsl -> dsl.configuration()
                .deriveAppending(new DefaultExecuteListenerProvider(new PlanAnew()))
                .dsl()
                .fetch(SQL, ahead.toMillis(), pools, pools))) {
            String pool = row.get(0, String.class);
            if (pool == null) {
                expired = true;
            } else {
                due.add(pool);
            }
        }
        return new Work(due, expired);
    }

    /**
     * Has the statement planned each time. Kept, the plan that was made while tasks was empty would be
     * used when it holds a million; and a look is not worth a second statement for planner settings.
     */
    static final class PlanAnew implements ExecuteListener {
        private static final long serialVersionUID = 1L;

        @Override
        public void prepareEnd(ExecuteContext context) {
            try {
                if (context.statement().isWrapperFor(PGStatement.class)) {
                    context.statement().unwrap(PGStatement.class).setPrepareThreshold(0);
                }
            } catch (SQLException e) {
                throw DatabaseException.of(e);
            }
        }
    }
}
