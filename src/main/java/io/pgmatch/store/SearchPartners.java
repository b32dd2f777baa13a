package io.pgmatch.store;

import io.pgmatch.model.WaitingTask;
import io.pgmatch.model.Window;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads who waits in some windows, without a lock: rows are seen whatever their state and whoever
 * holds them, as they were committed when the statement started.
 */
public final class SearchPartners {
    static final String SQL = """
            SELECT t.id, t.bucket, CASE WHEN t.seeks = ARRAY[t.bucket] THEN NULL ELSE t.seeks END,
                   t.rank, t.search_at = '-infinity', CASE WHEN ? THEN t.attributes END, t.inserted_at,
                   w.place
            FROM unnest(?::bigint[], ?::float8[], ?::bigint[], ?::float8[])
                 WITH ORDINALITY AS w (bucket, after_rank, after_id, to_rank, place)
            CROSS JOIN LATERAL (
                SELECT *
                FROM pgmatch.tasks AS s
                WHERE s.pool = ? AND s.bucket = w.bucket
                  AND (s.rank, s.id) > (w.after_rank, w.after_id) AND s.rank <= w.to_rank
                  AND s.id NOT IN (SELECT unnest(?::bigint[]))
                  AND NOT (s.search_at = '-infinity' AND s.id < ?)
                  AND (s.expires_at IS NULL OR s.expires_at > now())
                ORDER BY s.rank, s.id
                LIMIT ?) AS t
            """;

    private SearchPartners() {}

    /**
     * A task that was found.
     *
     * @param window index of the window it was found in
     */
    public record Found(int window, WaitingTask task) {}

    /**
     * Runs the statement.
     *
     * @param except ids to leave out: those the round holds
     * @param freshFrom fresh tasks with a lower id are left out; Long.MIN_VALUE leaves none out
     * @param limit most tasks to read from each window
     * @return the tasks, window by window, in the order of (rank, id)
     */
    public static List<Found> run(
            Transaction transaction,
            String pool,
            List<Window> windows,
            Long[] except,
            long freshFrom,
            int limit,
            boolean withAttributes) {
        List<Found> found = new ArrayList<>();
        try (ResultSet rows = transaction
                .dsl()
                .resultQuery(
                        SQL,
                        withAttributes,
                        windows.stream().map(Window::bucket).toArray(Long[]::new),
                        windows.stream().map(Window::afterRank).toArray(Double[]::new),
                        windows.stream().map(Window::afterId).toArray(Long[]::new),
                        windows.stream().map(Window::toRank).toArray(Double[]::new),
                        pool,
                        except,
                        freshFrom,
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
