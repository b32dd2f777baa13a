package io.pgmatch.store;

import io.pgmatch.model.WaitingTask;
import io.pgmatch.model.Window;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads who waits in some windows, without a lock: rows are seen whoever holds them, as they were
 * committed when the statement started.
 */
public final class SearchPartners {
    static final String WAITING_SQL = """
            SELECT t.id, t.bucket, CASE WHEN t.seeks = ARRAY[t.bucket] THEN NULL ELSE t.seeks END,
                   t.rank, t.search_at = '-infinity', CASE WHEN ? THEN t.attributes END, t.inserted_at,
                   w.place
            FROM unnest(?::bigint[], ?::float8[], ?::bigint[], ?::float8[])
                 WITH ORDINALITY AS w (bucket, after_rank, after_id, to_rank, place)
            CROSS JOIN LATERAL (
                SELECT *
                FROM pgmatch.tasks AS s
                WHERE s.pool = ? AND s.bucket = w.bucket AND s.rule_version = ?
                  AND (s.rank, s.id) > (w.after_rank, w.after_id) AND s.rank <= w.to_rank
                  AND (s.expires_at IS NULL OR s.expires_at > ?::timestamptz)
                  AND s.search_at > '-infinity'
                ORDER BY s.rank, s.id
                LIMIT ?) AS t
            """;

    static final String ALL_SQL = """
            SELECT t.id, t.bucket, CASE WHEN t.seeks = ARRAY[t.bucket] THEN NULL ELSE t.seeks END,
                   t.rank, t.search_at = '-infinity', CASE WHEN ? THEN t.attributes END, t.inserted_at,
                   w.place
            FROM unnest(?::bigint[], ?::float8[], ?::bigint[], ?::float8[])
                 WITH ORDINALITY AS w (bucket, after_rank, after_id, to_rank, place)
            CROSS JOIN LATERAL (
                SELECT *
                FROM pgmatch.tasks AS s
                WHERE s.pool = ? AND s.bucket = w.bucket AND s.rule_version = ?
                  AND (s.rank, s.id) > (w.after_rank, w.after_id) AND s.rank <= w.to_rank
                  AND (s.expires_at IS NULL OR s.expires_at > ?::timestamptz)
                ORDER BY s.rank, s.id
                LIMIT ?) AS t
            """;

    private SearchPartners() {}

    /** Which tasks to read; each has an index of its own. */
    public enum Scope {
        /** Those that have been searched for before. */
        WAITING(WAITING_SQL),
        /** All, whatever their state. */
        ALL(ALL_SQL);

        private final String sql;

        Scope(String sql) {
            this.sql = sql;
        }
    }

    /**
     * A task that was found.
     *
     * @param window index of the window it was found in
     */
    public record Found(int window, WaitingTask task) {}

    /**
     * Runs the statement.
     *
     * @param version of the rule: tasks that were derived by another one are left out; when they are
     *     derived anew they are fresh, and will look themselves
     * @param now the round's time: tasks that have expired by then are left out
     * @param limit most tasks to read from each window
     * @return the tasks, window by window, in the order of (rank, id)
     */
    public static List<Found> run(
            Transaction transaction,
            String pool,
            Scope scope,
            int version,
            Instant now,
            List<Window> windows,
            int limit,
            boolean withAttributes) {
        List<Found> found = new ArrayList<>();
        try (ResultSet rows = transaction
                .dsl()
                .resultQuery(
                        scope.sql,
                        withAttributes,
                        PrimitiveArrays.bind(
                                windows.stream().mapToLong(Window::bucket).toArray()),
                        PrimitiveArrays.bind(
                                windows.stream().mapToDouble(Window::afterRank).toArray()),
                        PrimitiveArrays.bind(
                                windows.stream().mapToLong(Window::afterId).toArray()),
                        PrimitiveArrays.bind(
                                windows.stream().mapToDouble(Window::toRank).toArray()),
                        pool,
                        version,
                        now.atOffset(ZoneOffset.UTC),
                        limit)
                .fetchResultSet()) {
            while (rows.next()) {
                found.add(new Found(rows.getInt(8) - 1, TaskRows.read(rows)));
            }
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
        return found;
    }
}
