package io.pgmatch.store;

import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;
import org.jooq.Record;

/**
 * The ledger of bulk inserts. A batch is entered first thing in its transaction, so that its repeat
 * meets the entry: it waits for a transaction that is still under way, and then knows how that ended.
 */
public final class InsertBatches {
    static final String ENTER = """
            INSERT INTO pgmatch.insert_batches (pool, batch_id, tasks)
            SELECT b.pool, ?::uuid, b.tasks
            FROM unnest(?::text[], ?::int[]) AS b (pool, tasks)
            ORDER BY b.pool
            ON CONFLICT DO NOTHING
            """;

    static final String CONFIRM = """
            WITH batch AS (
                UPDATE pgmatch.insert_batches SET tasks = tasks
                WHERE pool = ANY(?::text[]) AND batch_id = ?::uuid
                RETURNING tasks)
            SELECT coalesce(sum(tasks), 0)::int FROM batch
            """;

    static final String CORRECT = """
            UPDATE pgmatch.insert_batches AS l SET tasks = b.tasks
            FROM unnest(?::text[], ?::int[]) AS b (pool, tasks)
            WHERE l.pool = b.pool AND l.batch_id = ?::uuid
            """;

    /**
     * By a join: an array that is compared with each row is converted for each row, if the plan does not happen to
     * go by the index, and a thousand ids take a second then.
     */
    static final String FORGET = """
            DELETE FROM pgmatch.insert_batches AS l
            USING unnest(?::uuid[]) AS b (batch_id)
            WHERE l.pool = ANY(?::text[]) AND l.batch_id = b.batch_id
            """;

    private InsertBatches() {}

    /**
     * Enters a batch; false if a transaction has committed it before. Waits for one that has entered
     * the same batch and is not over.
     *
     * @param tasks how many it inserts, by pool
     */
    public static boolean enter(Transaction transaction, UUID batchId, SortedMap<String, Integer> tasks) {
        int entered = transaction.dsl().execute(ENTER, batchId, pools(tasks.keySet()), counts(tasks));
        if (entered != 0 && entered != tasks.size()) {
            throw new IllegalStateException(
                    "batch " + batchId + " is new in " + entered + " of " + tasks.size() + " pools");
        }
        return entered != 0;
    }

    /**
     * How many tasks a committed batch has inserted. Writes a little, so that our commit vouches for
     * the earlier one: a standby that has ours has that as well.
     */
    public static int confirm(Transaction transaction, UUID batchId, Collection<String> pools) {
        Record row = transaction.dsl().fetchSingle(CONFIRM, pools(pools), batchId);
        return row.get(0, Integer.class);
    }

    /** Says anew how many tasks an entered batch inserts, some having been refused. */
    public static void correct(Transaction transaction, UUID batchId, Map<String, Integer> tasks) {
        transaction.dsl().execute(CORRECT, pools(tasks.keySet()), counts(tasks), batchId);
    }

    /** Takes out batches that nobody will look up any more. */
    public static void forget(Transaction transaction, Collection<String> pools, Collection<UUID> batchIds) {
        transaction.dsl().execute(FORGET, batchIds.toArray(UUID[]::new), pools(pools));
    }

    private static String[] pools(Collection<String> pools) {
        return pools.toArray(String[]::new);
    }

    private static Integer[] counts(Map<String, Integer> tasks) {
        return tasks.values().toArray(Integer[]::new);
    }
}
