package io.pgmatch.store;

import io.pgmatch.model.Task;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jooq.ResultQuery;
import org.jspecify.annotations.Nullable;

/** Finds one waiting task. */
public final class FindTask {
    /** Pool by pool, since the key starts with the pool. */
    static final String BY_ID = """
            SELECT t.pool, t.id, t.ref, t.attributes, t.inserted_at,
                   extract(epoch FROM now() - t.inserted_at)::float8,
                   CASE WHEN t.search_at = '-infinity' THEN 'fresh' WHEN t.search_at <= now() THEN 'due'
                        WHEN t.search_at = 'infinity' THEN 'parked' ELSE 'asleep' END,
                   CASE WHEN t.search_at <= now() THEN 0 WHEN t.search_at = 'infinity' THEN NULL
                        ELSE extract(epoch FROM t.search_at - now())::float8 END,
                   CASE WHEN isfinite(t.expires_at) THEN t.expires_at END
            FROM pgmatch.pools AS p
            CROSS JOIN LATERAL (SELECT * FROM pgmatch.tasks AS s WHERE s.pool = p.pool AND s.id = ?) AS t
            WHERE ?::text IS NULL OR p.pool = ?::text
            """;

    static final String BY_REF = """
            SELECT t.pool, t.id, t.ref, t.attributes, t.inserted_at,
                   extract(epoch FROM now() - t.inserted_at)::float8,
                   CASE WHEN t.search_at = '-infinity' THEN 'fresh' WHEN t.search_at <= now() THEN 'due'
                        WHEN t.search_at = 'infinity' THEN 'parked' ELSE 'asleep' END,
                   CASE WHEN t.search_at <= now() THEN 0 WHEN t.search_at = 'infinity' THEN NULL
                        ELSE extract(epoch FROM t.search_at - now())::float8 END,
                   CASE WHEN isfinite(t.expires_at) THEN t.expires_at END
            FROM pgmatch.tasks AS t
            WHERE t.pool = ? AND t.ref = ?
            """;

    private FindTask() {}

    /** The task of that id, in that pool or in any if it is null. */
    public static Optional<Task> byId(Transaction transaction, @Nullable String pool, long id) {
        return first(transaction.dsl().resultQuery(BY_ID, id, pool, pool));
    }

    /** The task of that ref. */
    public static Optional<Task> byRef(Transaction transaction, String pool, String ref) {
        return first(transaction.dsl().resultQuery(BY_REF, pool, ref));
    }

    private static Optional<Task> first(ResultQuery<?> query) {
        try (ResultSet rows = query.fetchResultSet()) {
            return rows.next() ? Optional.of(TaskList.task(rows)) : Optional.empty();
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }
}
