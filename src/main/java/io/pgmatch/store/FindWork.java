package io.pgmatch.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jooq.DSLContext;
import org.jooq.ExecuteContext;
import org.jooq.ExecuteListener;
import org.jooq.impl.DefaultExecuteListenerProvider;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/** Looks which pools have due tasks, and whether tasks have expired. */
public final class FindWork {
    /** IN (SELECT unnest) is a hash that is made once; = ANY may take the array apart and walk over it for each pool. */
    static final RoundStatement STATEMENT = new RoundStatement("""
            SELECT p.pool, CASE WHEN next.search_at <= now() THEN 0
                           ELSE extract(epoch FROM next.search_at - now())::float8 END
            FROM pgmatch.pools AS p
            CROSS JOIN LATERAL (
                SELECT t.search_at FROM pgmatch.tasks AS t
                WHERE t.pool = p.pool AND t.search_at < 'infinity'
                ORDER BY t.search_at, t.id
                LIMIT 1) AS next
            WHERE NOT p.paused AND p.pool NOT IN (SELECT unnest(?::text[]))
                AND (?::text[] IS NULL OR p.pool IN (SELECT unnest(?::text[])))
            UNION ALL
            SELECT NULL, NULL WHERE (
                SELECT t.expires_at FROM pgmatch.tasks AS t
                WHERE t.expires_at IS NOT NULL
                ORDER BY t.expires_at
                LIMIT 1) <= now()
            UNION ALL
            SELECT p.pool, NULL FROM pgmatch.pools AS p
            WHERE p.deriving AND NOT p.paused AND (?::text[] IS NULL OR p.pool IN (SELECT unnest(?::text[])))
            """);

    static final RoundStatement SETTINGS = new RoundStatement("SELECT " + PlannerSettings.columns());

    private FindWork() {}

    /**
     * What there is to do.
     *
     * @param duePools pools with due tasks, paused and busy ones left out
     * @param nextDueIn when the next task of any other pool will be due; null if none is asleep
     * @param expired whether some task has expired and is not yet retired
     * @param derivingPools pools in which waiting tasks may still be derived by an earlier rule
     */
    public record Work(
            List<String> duePools, @Nullable Duration nextDueIn, boolean expired, List<String> derivingPools) {}

    /**
     * Runs the statement.
     *
     * @param pools to look at, or null for all
     * @param busy those of them that need no look: workers are in them, and the dead index entries that they
     *     leave would be walked over
     * @param often whether looks follow one another closely: then the planner's settings are sent along, and the session keeps
     *     the plan, which takes longer to make than the look itself. Else it is planned each time: a plan that was kept
     *     without these settings from when tasks was empty would be used when it holds a million
     */
    public static Work run(Database database, String @Nullable [] pools, String[] busy, boolean often) {
        Reader reader = new Reader();
        return database.run(dsl -> {
            if (often) {
                Object those = pools == null ? TypedNull.TEXTS : pools;
                OneTrip trip = new OneTrip()
                        .query(SETTINGS, row -> {})
                        .query(STATEMENT, reader, busy, those, those, those, those);
                dsl.connection(trip::run);
                return reader.work();
            }
            DSLContext planningAnew = dsl.configuration()
                    .deriveAppending(new DefaultExecuteListenerProvider(new PlanAnew()))
                    .dsl();
            try (ResultSet rows = planningAnew
                    .resultQuery(STATEMENT.sql(), busy, pools, pools, pools, pools)
                    .fetchResultSet()) {
                while (rows.next()) {
                    reader.read(rows);
                }
            } catch (SQLException e) {
                throw DatabaseException.of(e);
            }
            return reader.work();
        });
    }

    /** Collects what there is to do. */
    private static final class Reader implements RoundStatement.RowReader {
        private final List<String> due = new ArrayList<>();
        private final List<String> deriving = new ArrayList<>();
        private double nextDueSeconds = Double.POSITIVE_INFINITY;
        private boolean expired;

        @Override
        public void read(ResultSet row) throws SQLException {
            String pool = row.getString(1);
            double dueIn = row.getDouble(2);
            boolean isDeriving = row.wasNull();
            if (pool == null) {
                expired = true;
            } else if (isDeriving) {
                deriving.add(pool);
            } else if (dueIn <= 0) {
                due.add(pool);
            } else {
                nextDueSeconds = Math.min(nextDueSeconds, dueIn);
            }
        }

        Work work() {
            Duration nextDueIn = Double.isInfinite(nextDueSeconds)
                    ? null
                    : Duration.ofNanos((long) Math.min(nextDueSeconds * 1e9, Long.MAX_VALUE / 2.0));
            return new Work(due, nextDueIn, expired, deriving);
        }
    }

    /**
     * Has a statement planned each time: kept, the plan that was made while tasks was empty would be used when it holds a
     * million.
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
