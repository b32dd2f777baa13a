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

/** Claims due tasks: locks them, in order, past those that others hold. */
public final class ClaimTasks {
    /** Ids that have all but the last so many bits in common form a block: about as many as a claim brings. */
    private static final int BLOCK_BITS = 12;

    private static final String COLUMNS = """
            SELECT %s, t.rule_version
            FROM pgmatch.tasks AS t
            """.formatted(TaskRows.COLUMNS);

    static final RoundStatement DUE = new RoundStatement(COLUMNS + """
            WHERE t.pool = ? AND t.search_at <= ?::timestamptz
              AND (t.search_at, t.id) >= ('-infinity', ?)
              AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
            ORDER BY t.search_at, t.id
            LIMIT ?
            FOR UPDATE SKIP LOCKED
            """);

    /**
     * Fresh tasks in blocks of ids that nobody else claims in: of the block of each next fresh task an advisory
     * lock is tried. PostgreSQL evaluates no more of the recursion than it takes to fill the limit.
     */
    static final RoundStatement IN_BLOCKS = new RoundStatement("""
            WITH RECURSIVE block (first_id, held) AS (
                SELECT n.id, pg_try_advisory_xact_lock(?::integer, (n.id >> %2$d)::integer)
                FROM (
                    SELECT f.id
                    FROM pgmatch.tasks AS f
                    WHERE f.pool = ? AND f.search_at = '-infinity' AND f.id >= ?::bigint
                    ORDER BY f.id
                    LIMIT 1) AS n
                UNION ALL
                SELECT n.id, pg_try_advisory_xact_lock(?::integer, (n.id >> %2$d)::integer)
                FROM block AS b
                CROSS JOIN LATERAL (
                    SELECT f.id
                    FROM pgmatch.tasks AS f
                    WHERE f.pool = ? AND f.search_at = '-infinity' AND f.id >= ((b.first_id >> %2$d) + 1) << %2$d
                    ORDER BY f.id
                    LIMIT 1) AS n)
            SELECT %1$s, t.rule_version
            FROM block AS b
            CROSS JOIN LATERAL (
                SELECT *
                FROM pgmatch.tasks AS s
                WHERE s.pool = ? AND s.search_at = '-infinity'
                  AND s.id >= b.first_id AND s.id < ((b.first_id >> %2$d) + 1) << %2$d
                  AND (s.expires_at IS NULL OR s.expires_at > ?::timestamptz)
                ORDER BY s.id
                FOR UPDATE SKIP LOCKED) AS t
            WHERE b.held
            LIMIT ?
            """.formatted(TaskRows.COLUMNS, BLOCK_BITS));

    /** Tasks that are due once more. */
    static final RoundStatement AGAIN = new RoundStatement(COLUMNS + """
            WHERE t.pool = ? AND t.search_at > '-infinity' AND t.search_at <= ?::timestamptz
              AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
            ORDER BY t.search_at, t.id
            LIMIT ?
            FOR UPDATE SKIP LOCKED
            """);

    static final RoundStatement LEFT = new RoundStatement(COLUMNS + """
            WHERE t.pool = ? AND t.id = ANY (?::bigint[]) AND t.search_at = '-infinity'
              AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
            FOR UPDATE SKIP LOCKED
            """);

    private ClaimTasks() {}

    /**
     * Tasks that were claimed.
     *
     * @param outdated the ids of those that were derived by another version of the rule
     */
    public record Claim(List<WaitingTask> tasks, List<Long> outdated) {}

    /** A way to claim what is due: {@link #run} or {@link #inBlocks}. */
    @FunctionalInterface
    public interface Kind {
        /** Claims; the parameters are those of {@link #run}. */
        Claim run(
                Transaction transaction,
                String pool,
                Instant now,
                long freshId,
                int limit,
                int version,
                TaskNeeds needs);
    }

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
        Reader reader = new Reader(version);
        OffsetDateTime time = now.atOffset(ZoneOffset.UTC);
        DUE.query(
                transaction,
                reader,
                needs.seeks(),
                needs.attributes(),
                needs.insertedAt(),
                pool,
                time,
                freshId,
                time,
                limit);
        return reader.claim();
    }

    /**
     * Claims what is due where no other transaction claims by this method; what they hold is not even walked over.
     * For the parameters see {@link #run}.
     */
    public static Claim inBlocks(
            Transaction transaction, String pool, Instant now, long freshId, int limit, int version, TaskNeeds needs) {
        int key = ("pgmatch blocks of " + pool).hashCode();
        OffsetDateTime time = now.atOffset(ZoneOffset.UTC);
        Reader fresh = new Reader(version);
        IN_BLOCKS.query(
                transaction,
                fresh,
                key,
                pool,
                freshId,
                key,
                pool,
                needs.seeks(),
                needs.attributes(),
                needs.insertedAt(),
                pool,
                time,
                limit);
        if (!fresh.claimed.isEmpty()) {
            return fresh.claim();
        }
        Reader again = new Reader(version);
        AGAIN.query(transaction, again, needs.seeks(), needs.attributes(), needs.insertedAt(), pool, time, time, limit);
        return again.claim();
    }

    /** Claims those of the given tasks that are still fresh, by id. */
    public static Claim left(
            Transaction transaction, String pool, Instant now, List<Long> ids, int version, TaskNeeds needs) {
        Reader reader = new Reader(version);
        LEFT.query(
                transaction,
                reader,
                needs.seeks(),
                needs.attributes(),
                needs.insertedAt(),
                pool,
                ids.stream().mapToLong(Long::longValue).toArray(),
                now.atOffset(ZoneOffset.UTC));
        return reader.claim();
    }

    /** Collects what was claimed. */
    private static final class Reader implements RoundStatement.RowReader {
        private static final int RULE_VERSION = TaskRows.COUNT + 1;

        private final int version;
        private final List<WaitingTask> claimed = new ArrayList<>();
        private final List<Long> outdated = new ArrayList<>();

        Reader(int version) {
            this.version = version;
        }

        @Override
        public void read(ResultSet rows) throws SQLException {
            claimed.add(TaskRows.read(rows));
            if (rows.getInt(RULE_VERSION) != version) {
                outdated.add(rows.getLong(1));
            }
        }

        Claim claim() {
            return new Claim(claimed, outdated);
        }
    }
}
