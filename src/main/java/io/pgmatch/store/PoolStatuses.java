package io.pgmatch.store;

import io.pgmatch.model.PoolStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts how each pool stands. Reads all tasks and pairs: for people, not for a loop. */
public final class PoolStatuses {
    static final String SQL = """
            SELECT p.pool, p.paused, coalesce(w.waiting, 0), coalesce(w.due, 0),
                   extract(epoch FROM now() - w.oldest)::float8,
                   coalesce(m.pairs, 0), coalesce(l.pairs, 0), coalesce(r.retired, 0)
            FROM pgmatch.pools AS p
            LEFT JOIN (SELECT pool, count(*) AS waiting, min(inserted_at) AS oldest,
                              count(*) FILTER (WHERE search_at <= now()) AS due
                       FROM pgmatch.tasks GROUP BY pool) AS w USING (pool)
            LEFT JOIN (SELECT pool, count(*) AS pairs
                       FROM pgmatch.matched_pairs GROUP BY pool) AS m USING (pool)
            LEFT JOIN (SELECT pool, count(*) AS pairs FROM pgmatch.matched_pairs
                       WHERE matched_at > now() - interval '1 minute' GROUP BY pool) AS l USING (pool)
            LEFT JOIN (SELECT pool, count(*) AS retired
                       FROM pgmatch.retired_tasks GROUP BY pool) AS r USING (pool)
            WHERE ?::text IS NULL OR p.pool = ?::text
            ORDER BY p.pool
            """;

    private PoolStatuses() {}

    /** Every pool by name, or the one named. */
    public static List<PoolStatus> run(Database database, @Nullable String pool) {
        return database.run(dsl -> {
            List<PoolStatus> statuses = new ArrayList<>();
            try (ResultSet rows = dsl.resultQuery(SQL, pool, pool).fetchResultSet()) {
                while (rows.next()) {
                    double oldest = rows.getDouble(5);
                    Duration oldestWait = rows.wasNull() ? null : Duration.ofMillis(Math.round(oldest * 1_000));
                    statuses.add(new PoolStatus(
                            rows.getString(1),
                            rows.getBoolean(2),
                            rows.getLong(3),
                            rows.getLong(4),
                            oldestWait,
                            rows.getLong(6),
                            rows.getLong(7),
                            rows.getLong(8)));
                }
            } catch (SQLException e) {
                throw DatabaseException.of(e);
            }
            return statuses;
        });
    }
}
