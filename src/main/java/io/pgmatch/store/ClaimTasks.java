package io.pgmatch.store;

import io.pgmatch.model.ClaimMark;
import io.pgmatch.model.WaitingTask;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Claims due tasks: locks them, in order, past those that others hold. */
public final class ClaimTasks {
    static final String SQL = """
            SELECT t.id, t.bucket, CASE WHEN t.seeks = ARRAY[t.bucket] THEN NULL ELSE t.seeks END,
                   t.rank, t.search_at = '-infinity', CASE WHEN ? THEN t.attributes END, t.inserted_at,
                   t.rule_version
            FROM pgmatch.tasks AS t
            WHERE t.pool = ? AND t.search_at <= ?::timestamptz
              AND (t.search_at, t.id) >= ('-infinity', ?)
              AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
            ORDER BY t.search_at, t.id
            LIMIT ?
            FOR UPDATE SKIP LOCKED
            """;

    private ClaimTasks() {}

    /**
     * Tasks that were claimed.
     *
     * @param outdated the ids of those that were derived by another version of the rule
     */
    public record Claim(List<WaitingTask> tasks, List<Long> outdated) {}

    /**
     * Runs the statement.
     *
     * @param now the round's time
     * @param from where in the order (search_at, id) to start
     * @param limit most tasks to claim, at least 1
     * @param version of the rule that the round goes by
     * @param withAttributes whether that rule reads attributes
     */
    public static Claim run(
            Transaction transaction,
            String pool,
            Instant now,
            ClaimMark from,
            int limit,
            int version,
            boolean withAttributes) {
        OffsetDateTime time = now.atOffset(ZoneOffset.UTC);
        List<WaitingTask> claimed = new ArrayList<>();
        List<Long> outdated = new ArrayList<>();
        try (ResultSet rows = transaction
                .dsl()
                .resultQuery(SQL, withAttributes, pool, time, from.freshId(), time, limit)
                .fetchResultSet()) {
            while (rows.next()) {
                claimed.add(TaskRows.read(rows));
                if (rows.getInt(8) != version) {
                    outdated.add(rows.getLong(1));
                }
            }
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
        return new Claim(claimed, outdated);
    }
}
