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
import java.util.TreeSet;

/** Claims due tasks, in order, past those that others hold. */
public final class ClaimTasks {
    /** Ids that have all but the last so many bits in common form a block: about as many as a claim brings. */
    private static final int BLOCK_BITS = 12;

    /** How many ids there are in a block. */
    public static final int BLOCK_IDS = 1 << BLOCK_BITS;

    /** For fewer tasks it costs less to search among those who wait than to find out that nobody does. */
    private static final int MANY = 100;

    /** Most blocks that a claim locks. */
    private static final int BLOCKS_MAX = 8;

    private static final String BLOCK_END = "((b.first_id >> %1$d) + 1) << %1$d".formatted(BLOCK_BITS);

    /**
     * Of each task, whether it was derived by another version of the rule, and whether anybody waits: one who has been
     * searched for before. That is asked once of all, beginning with those who were parked last, of whom some are likely to be
     * there still; past the entries of all who were paired it may take long to find out that nobody waits.
     */
    private static final String COLUMNS = """
            %s, nullif(t.rule_version, ?),
                   CASE WHEN ? THEN (
                       SELECT true
                       FROM pgmatch.tasks AS e
                       WHERE e.pool = ? AND e.search_at > '-infinity'
                       ORDER BY e.search_at DESC, e.id DESC
                       LIMIT 1) ELSE true END""".formatted(TaskRows.COLUMNS);

    private static final String SELECT = """
            SELECT %s
            FROM pgmatch.tasks AS t
            """.formatted(COLUMNS);

    static final RoundStatement DUE = new RoundStatement(SELECT + """
            WHERE t.pool = ? AND t.search_at <= ?::timestamptz
              AND (t.search_at, t.id) >= ('-infinity', ?)
              AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
            ORDER BY t.search_at, t.id
            LIMIT ?
            FOR UPDATE SKIP LOCKED
            """);

    /**
     * Fresh tasks in blocks of ids that nobody else claims in: of the block of each next fresh task an advisory
     * lock is tried. One that could not be had is a row without a task, and so is one whose tasks others have locked, or
     * that have expired. PostgreSQL evaluates no more of the recursion than it takes to fill the limit; and where the
     * tasks of the pool are few among all ids, it ends after as many blocks as the server's table of locks can bear.
     */
    static final RoundStatement IN_BLOCKS = inBlocks("?::timestamptz IS NULL", "FOR UPDATE SKIP LOCKED");

    /**
     * The same without a lock on any row. It says of each whether somebody holds it, or is about to delete it, or once did so,
     * which xmax tells; or will soon be about to, because it expires.
     */
    static final RoundStatement IN_BLOCKS_UNLOCKED =
            inBlocks("t.xmax <> '0' OR t.expires_at < ?::timestamptz + interval '10 seconds'", "");

    private static RoundStatement inBlocks(String touched, String lock) {
        return new RoundStatement("""
            WITH RECURSIVE block (first_id, held, held_count) AS (
                SELECT n.id, n.held, n.held::integer
                FROM (%2$s) AS n
                UNION ALL
                SELECT n.id, n.held, b.held_count + n.held::integer
                FROM block AS b
                CROSS JOIN LATERAL (%3$s) AS n
                WHERE b.held_count < %4$d)
            SELECT %1$s, CASE WHEN t.id IS NULL THEN b.held END, CASE WHEN t.id IS NULL THEN b.first_id END,
                   nullif(%6$s, false)
            FROM block AS b
            LEFT JOIN LATERAL (
                SELECT s.*, s.xmax
                FROM pgmatch.tasks AS s
                WHERE b.held AND s.pool = ? AND s.search_at = '-infinity'
                  AND s.id >= b.first_id AND s.id < %5$s
                  AND (s.expires_at IS NULL OR s.expires_at > ?::timestamptz)
                ORDER BY s.id
                %7$s) AS t ON true
            LIMIT ?
            """.formatted(
                        COLUMNS, nextBlock("?::bigint"), nextBlock(BLOCK_END), BLOCKS_MAX, BLOCK_END, touched, lock));
    }

    /** Tasks that are due once more. */
    static final RoundStatement AGAIN = new RoundStatement(SELECT + """
            WHERE t.pool = ? AND t.search_at > '-infinity' AND t.search_at <= ?::timestamptz
              AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
            ORDER BY t.search_at, t.id
            LIMIT ?
            FOR UPDATE SKIP LOCKED
            """);

    static final RoundStatement LEFT = new RoundStatement(SELECT + """
            WHERE t.pool = ? AND t.id = ANY (?::bigint[]) AND t.search_at = '-infinity'
              AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
            FOR UPDATE SKIP LOCKED
            """);

    private ClaimTasks() {}

    /** The first fresh task from that id on, and whether its block could be had. */
    private static String nextBlock(String fromId) {
        return """
                SELECT f.id, pg_try_advisory_xact_lock(hashtextextended(?, 0) # (f.id >> %d)) AS held
                FROM (
                    SELECT f.id
                    FROM pgmatch.tasks AS f
                    WHERE f.pool = ? AND f.search_at = '-infinity' AND f.id >= %s
                    ORDER BY f.id
                    LIMIT 1) AS f""".formatted(BLOCK_BITS, fromId);
    }

    /**
     * Tasks that were claimed.
     *
     * @param outdated the ids of those that were derived by another version of the rule
     * @param isFull whether it brought all it may, the last one fresh: behind that one there may be more
     * @param isSharing whether fresh tasks were left to others, who claim in the blocks of those
     * @param isAnybodyWaiting whether there are tasks that have been searched for before; true if that was not asked
     */
    public record Claim(
            List<WaitingTask> tasks,
            List<Long> outdated,
            boolean isFull,
            boolean isSharing,
            boolean isAnybodyWaiting) {}

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
        Reader reader = new Reader();
        runDue(transaction, reader, pool, now.atOffset(ZoneOffset.UTC), freshId, limit, version, needs);
        return reader.claim(limit);
    }

    private static void runDue(
            Transaction transaction,
            Reader reader,
            String pool,
            OffsetDateTime time,
            long freshId,
            int limit,
            int version,
            TaskNeeds needs) {
        DUE.query(
                transaction,
                reader,
                needs.seeks(),
                needs.attributes(),
                needs.insertedAt(),
                version,
                isToAsk(freshId, limit),
                pool,
                pool,
                time,
                freshId,
                time,
                limit);
    }

    /** In the middle of a backlog, where most likely nobody waits, and many would be searched for in vain. */
    private static boolean isToAsk(long freshId, int limit) {
        return freshId > Long.MIN_VALUE && limit >= MANY;
    }

    /**
     * Claims what is due, fresh tasks in blocks of ids in which no other transaction claims by this method; for the
     * other parameters see {@link #run}. Blocks are locked until the transaction ends. Where the tasks of the pool are few
     * among all ids, what the blocks that may be locked do not hold is claimed without.
     *
     * @param locking whether the fresh tasks in the blocks are locked, too; if not, only those that somebody has touched
     *     before are, and the others may have changed, or be gone, when the transaction comes to change them
     */
    public static Claim inBlocks(
            Transaction transaction,
            String pool,
            Instant now,
            long freshId,
            int limit,
            boolean locking,
            int version,
            TaskNeeds needs) {
        String key = "pgmatch blocks of " + pool;
        OffsetDateTime time = now.atOffset(ZoneOffset.UTC);
        Reader reader = new Reader();
        RoundStatement statement = locking ? IN_BLOCKS : IN_BLOCKS_UNLOCKED;
        statement.query(
                transaction,
                reader::readOfBlocks,
                key,
                pool,
                freshId,
                key,
                pool,
                needs.seeks(),
                needs.attributes(),
                needs.insertedAt(),
                version,
                isToAsk(freshId, limit),
                pool,
                time,
                pool,
                time,
                limit);
        if (!reader.touched.isEmpty()) {
            long[] touched = reader.touched.stream().mapToLong(Long::longValue).toArray();
            if (TakePartners.run(transaction, pool, now, touched, version).size() < touched.length) {
                // Somebody else is at work here.
                return inBlocks(transaction, pool, now, freshId, limit, true, version, needs);
            }
        }
        int rest = limit - reader.rowCount();
        if (rest > 0 && reader.heldBlocks.size() == BLOCKS_MAX) {
            long restId = (reader.heldBlocks.last() + 1) << BLOCK_BITS;
            runDue(transaction, reader, pool, time, restId, rest, version, needs);
        } else if (rest > 0) {
            AGAIN.query(
                    transaction,
                    reader,
                    needs.seeks(),
                    needs.attributes(),
                    needs.insertedAt(),
                    version,
                    false,
                    pool,
                    pool,
                    time,
                    time,
                    rest);
        }
        return reader.claim(limit);
    }

    /** Claims those of the given tasks that are still fresh, by id. */
    public static Claim left(
            Transaction transaction, String pool, Instant now, List<Long> ids, int version, TaskNeeds needs) {
        Reader reader = new Reader();
        LEFT.query(
                transaction,
                reader,
                needs.seeks(),
                needs.attributes(),
                needs.insertedAt(),
                version,
                ids.size() >= MANY,
                pool,
                pool,
                ids.stream().mapToLong(Long::longValue).toArray(),
                now.atOffset(ZoneOffset.UTC));
        return reader.claim(Integer.MAX_VALUE);
    }

    /** Collects what was claimed. */
    private static final class Reader implements RoundStatement.RowReader {
        private static final int OTHER_VERSION = TaskRows.COUNT + 1;
        private static final int ANYBODY_WAITING = TaskRows.COUNT + 2;
        private static final int HELD = TaskRows.COUNT + 3;
        private static final int FIRST_ID = TaskRows.COUNT + 4;
        private static final int TOUCHED = TaskRows.COUNT + 5;

        private final List<WaitingTask> claimed = new ArrayList<>();
        private final List<Long> outdated = new ArrayList<>();

        /** Of a claim in blocks: those that it locked, tasks or not. */
        private final TreeSet<Long> heldBlocks = new TreeSet<>();

        /** Of a claim that locks no rows: those that somebody holds, or held. */
        private final List<Long> touched = new ArrayList<>();

        private int rowCount;
        private boolean sharing;
        private boolean anybodyWaiting;

        @Override
        public void read(ResultSet rows) throws SQLException {
            rowCount++;
            WaitingTask task = TaskRows.read(rows);
            claimed.add(task);
            rows.getInt(OTHER_VERSION);
            if (!rows.wasNull()) {
                outdated.add(task.id());
            }
            anybodyWaiting |= rows.getBoolean(ANYBODY_WAITING);
        }

        /** Reads a row of a claim in blocks, which may be one of a block without tasks. */
        void readOfBlocks(ResultSet rows) throws SQLException {
            long id = rows.getLong(1);
            if (!rows.wasNull()) {
                read(rows);
                heldBlocks.add(id >> BLOCK_BITS);
                if (rows.getBoolean(TOUCHED)) {
                    touched.add(id);
                }
                return;
            }
            rowCount++;
            if (rows.getBoolean(HELD)) {
                heldBlocks.add(rows.getLong(FIRST_ID) >> BLOCK_BITS);
            } else {
                sharing = true;
            }
        }

        int rowCount() {
            return rowCount;
        }

        Claim claim(int limit) {
            boolean isFull = rowCount == limit
                    && !claimed.isEmpty()
                    && claimed.get(claimed.size() - 1).fresh();
            return new Claim(claimed, outdated, isFull, sharing, anybodyWaiting);
        }
    }
}
