package io.pgmatch.store;

import io.pgmatch.model.TaskNeeds;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.store.RoundStatement.Rows;
import io.pgmatch.store.Transaction.Started;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Claims due tasks of a pool in one transaction, in order, past those that others hold. For the transaction's thread. Whoever
 * executes a claim receives the rows; they are read when the result is asked for, so that the connection is free meanwhile.
 */
public final class ClaimTasks {
    /** Ids that have all but the last so many bits in common form a block: about as many as a claim brings. */
    private static final int BLOCK_BITS = 12;

    /** How many ids there are in a block. */
    public static final int BLOCK_IDS = 1 << BLOCK_BITS;

    /** For fewer tasks it costs less to search among those who wait than to find out that nobody does. */
    private static final int MANY = 100;

    /** Most blocks that a claim locks, for as many tasks as one of them may hold. */
    private static final int BLOCKS_MAX = 8;

    private static final String BLOCK_END = "((b.first_id >> %1$d) + 1) << %1$d".formatted(BLOCK_BITS);

    /** No note: both statements in blocks take the same parameters, and one of them compares with a time here. */
    private static final String NO_NOTE = "(?::timestamptz IS NULL)::integer";

    private static final String OUTDATED = "(t.rule_version <> ?)::integer * " + ClaimReader.OUTDATED;

    private static final String AGAIN_DUE = "(t.search_at > '-infinity')::integer * " + ClaimReader.AGAIN_DUE;

    /** What there may be to note on a claimed task itself. */
    static final String OWN_NOTES = OUTDATED + " + " + AGAIN_DUE;

    /**
     * The notes on a task, null if there is nothing to note, as of most. Whether anybody waits is asked once of all, if it is
     * asked: past the entries of all who were paired it may take long to find out that nobody does. The order is that of
     * the index of those who wait.
     */
    private static final String NOTES = """
            nullif(%s
                       + coalesce((
                           SELECT %d
                           FROM pgmatch.tasks AS e
                           WHERE ? AND e.pool = ? AND e.search_at > '-infinity'
                           ORDER BY e.bucket, e.rank, e.id
                           LIMIT 1), 0)
                       + %%s, 0) AS notes""".formatted(OUTDATED, ClaimReader.ANYBODY_WAITING);

    private static final String NOTES_ON_DUE = NOTES.formatted(AGAIN_DUE);

    /** What is due, in order; how much of it, and its locks, are to follow. */
    static final String FROM_DUE = """
            FROM pgmatch.tasks AS t
            WHERE t.pool = ? AND t.search_at <= coalesce(?::timestamptz, now()) AND t.search_at < 'infinity'
              AND (t.search_at, t.id) >= ('-infinity', ?)
              AND (t.expires_at IS NULL OR t.expires_at > coalesce(?::timestamptz, now()))
            ORDER BY t.search_at, t.id""";

    static final TaskStatement DUE = new TaskStatement(columns -> """
            SELECT %s, %s
            %s
            LIMIT ?
            FOR UPDATE SKIP LOCKED
            """.formatted(columns, NOTES_ON_DUE, FROM_DUE));

    /**
     * Fresh tasks in blocks of ids that nobody else claims in: of the block of each next fresh task an advisory
     * lock is tried. One that could not be had is a row without a task, and so is one whose tasks others have locked, or
     * that have expired. PostgreSQL evaluates no more of the recursion than it takes to fill the limit; and where the
     * tasks of the pool are few among all ids, it ends after as many blocks as the server's table of locks can bear.
     */
    static final TaskStatement IN_BLOCKS = inBlocks(NO_NOTE, "FOR UPDATE SKIP LOCKED");

    /**
     * The same without a lock on any row: it notes of each whether it is to be locked first.
     */
    static final TaskStatement IN_BLOCKS_UNLOCKED =
            inBlocks(isToLock("t", "?::timestamptz") + "::integer * " + ClaimReader.TO_LOCK, "");

    /** Tasks that are due once more. */
    static final TaskStatement AGAIN = new TaskStatement(columns -> """
            SELECT %s, %s
            FROM pgmatch.tasks AS t
            WHERE t.pool = ? AND t.search_at > '-infinity' AND t.search_at <= ?::timestamptz
              AND t.search_at < 'infinity'
              AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
            ORDER BY t.search_at, t.id
            LIMIT ?
            FOR UPDATE SKIP LOCKED
            """.formatted(columns, NOTES_ON_DUE));

    /** Given tasks that are due, fresh or once more; found by id. */
    static final TaskStatement LEFT = new TaskStatement(columns -> """
            SELECT %s, %s
            FROM pgmatch.tasks AS t
            WHERE t.pool = ? AND t.id = ANY (?::bigint[]) AND t.search_at <= ?::timestamptz
              AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
            FOR UPDATE SKIP LOCKED
            """.formatted(columns, NOTES_ON_DUE));

    private final Transaction transaction;
    private final String pool;
    private final String blocksKey;
    private final Instant now;
    private final OffsetDateTime time;
    private final int version;
    private final TaskNeeds needs;

    /**
     * The claims of one transaction.
     *
     * @param now the round's time
     * @param version of the rule that the round goes by
     * @param needs what that rule has to know of each task
     */
    public ClaimTasks(Transaction transaction, String pool, Instant now, int version, TaskNeeds needs) {
        this.transaction = transaction;
        this.pool = pool;
        this.blocksKey = "pgmatch blocks of " + pool;
        this.now = now;
        this.time = now.atOffset(ZoneOffset.UTC);
        this.version = version;
        this.needs = needs;
    }

    /**
     * Tasks that were claimed.
     *
     * @param outdated the ids of those that were derived by another version of the rule
     * @param lastFreshId the highest id of those that nobody has searched for yet; Long.MIN_VALUE if there are none
     * @param isFull whether it brought all it may, the last one fresh: behind that one there may be more
     * @param isSharing whether fresh tasks were left to others, who claim in the blocks of those
     * @param isAnybodyWaiting whether there are tasks that have been searched for before; true if that was not asked
     */
    public record Claim(
            List<WaitingTask> tasks,
            List<Long> outdated,
            long lastFreshId,
            boolean isFull,
            boolean isSharing,
            boolean isAnybodyWaiting) {}

    /**
     * Starts to claim what is due.
     *
     * @param freshId in the order (search_at, id) to start at this one of the fresh tasks
     * @param limit most tasks to claim, at least 1
     * @param executor runs the statement
     */
    public Started<Claim> due(long freshId, int limit, Executor executor) {
        boolean isToAsk = isToAsk(freshId, limit);
        Started<Rows> rows = transaction.start(executor, () -> fetchDue(freshId, limit, isToAsk));
        return () -> {
            ClaimReader reader = new ClaimReader(needs, isToAsk);
            rows.result().read(reader);
            return reader.claim(limit);
        };
    }

    private Rows fetchDue(long freshId, int limit, boolean isToAsk) {
        return DUE.of(needs).fetch(transaction, dueValues(pool, now, version, freshId, limit, isToAsk));
    }

    private static Object[] dueValues(
            String pool, @Nullable Instant now, int version, long freshId, int limit, boolean isToAsk) {
        Object at = ReadClock.value(now);
        return new Object[] {version, isToAsk, pool, pool, at, freshId, at, limit};
    }

    /**
     * Adds a claim of what is due to what is sent together.
     *
     * @param now the round's time; null for the database's
     * @return reads the rows
     */
    static ClaimReader addDue(
            OneTrip trip, String pool, @Nullable Instant now, int version, TaskNeeds needs, long freshId, int limit) {
        boolean isToAsk = isToAsk(freshId, limit);
        ClaimReader reader = new ClaimReader(needs, isToAsk);
        trip.query(DUE.of(needs), reader, dueValues(pool, now, version, freshId, limit, isToAsk));
        return reader;
    }

    /** In the middle of a backlog, where most likely nobody waits, and many would be searched for in vain. */
    private static boolean isToAsk(long freshId, int limit) {
        return freshId > Long.MIN_VALUE && limit >= MANY;
    }

    /**
     * Starts to claim what is due, fresh tasks in blocks of ids in which no other transaction claims by this method; for the
     * other parameters see {@link #due}. Blocks are locked until the transaction ends. Where the tasks of the pool are few
     * among all ids, what the blocks that may be locked do not hold is claimed without.
     *
     * @param locking whether the fresh tasks in the blocks are locked, too; if not, only those that somebody has touched
     *     before are, and the others may have changed, or be gone, when the transaction comes to change them
     */
    public Started<Claim> inBlocks(long freshId, int limit, boolean locking, Executor executor) {
        boolean isToAsk = isToAsk(freshId, limit);
        Started<Supplier<Claim>> claim = transaction.start(executor, () -> {
            Rows rows = fetchInBlocks(freshId, limit, locking, isToAsk);
            ClaimReader reader = new ClaimReader(needs, isToAsk);
            if (rows.count() == limit && !rows.anyMatch(reader::isToLock)) {
                return () -> {
                    rows.read(reader::readOfBlocks);
                    return reader.claim(limit);
                };
            }
            Claim ended = endInBlocks(rows, freshId, limit, isToAsk);
            return () -> ended;
        });
        return () -> claim.result().get();
    }

    /** What takes more than the one statement: at once, before whatever the transaction was asked for meanwhile. */
    private Claim endInBlocks(Rows rows, long freshId, int limit, boolean isToAsk) {
        ClaimReader reader = new ClaimReader(needs, isToAsk);
        rows.read(reader::readOfBlocks);
        if (!areHeld(reader.toLock())) {
            // Somebody else is at work here.
            reader = new ClaimReader(needs, isToAsk);
            fetchInBlocks(freshId, limit, true, isToAsk).read(reader::readOfBlocks);
        }
        readRest(reader, limit);
        return reader.claim(limit);
    }

    private Rows fetchInBlocks(long freshId, int limit, boolean locking, boolean isToAsk) {
        return (locking ? IN_BLOCKS : IN_BLOCKS_UNLOCKED)
                .of(needs)
                .fetch(
                        transaction,
                        blocksKey,
                        pool,
                        freshId,
                        blocksKey,
                        pool,
                        blocksMax(limit),
                        version,
                        isToAsk,
                        pool,
                        time,
                        pool,
                        time,
                        limit);
    }

    private static int blocksMax(int limit) {
        return BLOCKS_MAX * (1 + (limit - 1) / BLOCK_IDS);
    }

    /** Locks tasks that others may hold; whether it could lock them all. */
    private boolean areHeld(List<Long> ids) {
        long[] wanted = ids.stream().mapToLong(Long::longValue).toArray();
        return ids.isEmpty()
                || TakePartners.run(transaction, pool, now, wanted, version).size() == wanted.length;
    }

    /** Claims what there is besides the blocks, if these did not bring all that is wanted. */
    private void readRest(ClaimReader reader, int limit) {
        int rest = limit - reader.rowCount();
        if (rest == 0) {
            return;
        }
        if (reader.heldBlocks().size() == blocksMax(limit)) {
            long restId = (reader.heldBlocks().last() + 1) << BLOCK_BITS;
            boolean isToAsk = isToAsk(restId, rest);
            reader.readMore(fetchDue(restId, rest, isToAsk), isToAsk);
        } else {
            reader.readMore(AGAIN.of(needs).fetch(transaction, version, false, pool, pool, time, time, rest), false);
        }
    }

    /** Starts to claim those of the given tasks that are due, by id. */
    public Started<Claim> left(List<Long> ids, Executor executor) {
        boolean isToAsk = ids.size() >= MANY;
        long[] wanted = ids.stream().mapToLong(Long::longValue).toArray();
        Started<Rows> rows = transaction.start(
                executor, () -> LEFT.of(needs).fetch(transaction, version, isToAsk, pool, pool, wanted, time, time));
        return () -> {
            ClaimReader reader = new ClaimReader(needs, isToAsk);
            rows.result().read(reader);
            return reader.claim(Integer.MAX_VALUE);
        };
    }

    /** The number of the block that holds an id. */
    static long block(long id) {
        return id >> BLOCK_BITS;
    }

    /** Whether a task that is not locked should be: somebody holds it, is about to delete it, or once did either, or will soon. */
    static String isToLock(String task, String now) {
        return "((%1$s.xmax <> '0' OR %1$s.expires_at < %2$s + interval '10 seconds') IS TRUE)".formatted(task, now);
    }

    private static TaskStatement inBlocks(String note, String lock) {
        return new TaskStatement(columns -> """
            WITH RECURSIVE block (first_id, held, held_count) AS (
                SELECT n.id, n.held, n.held::integer
                FROM (%1$s) AS n
                UNION ALL
                SELECT n.id, n.held, b.held_count + n.held::integer
                FROM block AS b
                CROSS JOIN LATERAL (%2$s) AS n
                WHERE b.held_count < ?)
            SELECT t.*, CASE WHEN t.id IS NULL AND b.held THEN b.first_id END
            FROM block AS b
            LEFT JOIN LATERAL (
                SELECT %3$s, %4$s
                FROM pgmatch.tasks AS t
                WHERE b.held AND t.pool = ? AND t.search_at = '-infinity'
                  AND t.id >= b.first_id AND t.id < %5$s
                  AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
                ORDER BY t.id
                %6$s) AS t ON true
            LIMIT ?
            """.formatted(
                        nextBlock("?::bigint"), nextBlock(BLOCK_END), columns, NOTES.formatted(note), BLOCK_END, lock));
    }

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
}
