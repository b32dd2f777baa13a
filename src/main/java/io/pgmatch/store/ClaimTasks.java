package io.pgmatch.store;

import io.pgmatch.model.TaskNeeds;
import io.pgmatch.model.WaitingTask;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jooq.ResultQuery;

/** Claims due tasks: locks them, in order, past those that others hold. */
public final class ClaimTasks {
    private static final String COLUMNS = """
            SELECT %s, t.rule_version
            FROM pgmatch.tasks AS t
            """.formatted(TaskRows.COLUMNS);

    static final String SQL = COLUMNS + """
            WHERE t.pool = ? AND t.search_at <= ?::timestamptz
              AND (t.search_at, t.id) >= ('-infinity', ?)
              AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
            ORDER BY t.search_at, t.id
            LIMIT ?
            FOR UPDATE SKIP LOCKED
            """;

    private static final String LEFT_SQL = COLUMNS + """
            WHERE t.pool = ? AND t.id = ANY (?::bigint[]) AND t.search_at = '-infinity'
              AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
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
     * Claims what is due.
     *
     * @param now the round's time
     * @param freshId in the order (search_at, id) to start at this one of the fresh tasks
     * @param limit most tasks to claim, at least 1
     * @param version of the rule that the round goes by
     * @param needs what that rule has to know of each
     */
    public static Claim run(
            Transaction transaction, String pool, Instant now, long freshId, int limit, int version, TaskNeeds needs) {
        OffsetDateTime time = now.atOffset(ZoneOffset.UTC);
        return fetch(
                transaction
                        .dsl()
                        .resultQuery(
                                SQL,
                                needs.seeks(),
                                needs.attributes(),
                                needs.insertedAt(),
                                pool,
                                time,
                                freshId,
                                time,
                                limit),
                version);
    }

    /** Claims those of the given tasks that are still fresh, by id. */
    public static Claim left(
            Transaction transaction, String pool, Instant now, List<Long> ids, int version, TaskNeeds needs) {
        long[] those = ids.stream().mapToLong(Long::longValue).toArray();
        OffsetDateTime time = now.atOffset(ZoneOffset.UTC);
        return fetch(
                transaction
                        .dsl()
                        .resultQuery(
                                LEFT_SQL,
                                needs.seeks(),
                                needs.attributes(),
                                needs.insertedAt(),
                                pool,
                                PrimitiveArrays.bind(those),
                                time),
                version);
    }

    private static Claim fetch(ResultQuery<?> query, int version) {
        List<WaitingTask> claimed = new ArrayList<>();
        List<Long> outdated = new ArrayList<>();
        try (ResultSet rows = query.fetchResultSet()) {
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
