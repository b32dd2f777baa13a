package io.pgmatch.buffer;

import io.pgmatch.store.BeginFlush;
import io.pgmatch.store.CopyTasks;
import io.pgmatch.store.DatabaseException;
import io.pgmatch.store.Savepoint;
import io.pgmatch.store.TaskText;
import io.pgmatch.store.Transaction;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Inserts all tasks of a flush but those that the database refuses, each of which it has refused by
 * itself. Goes in parts, with a savepoint before each: a part that fails is cut down, to what lies before
 * the line that the server names where it names one, else to half; one that succeeds is followed by one
 * twice as large. So every statement settles at least one task or at least halves the search.
 */
final class CarefulCopy {
    private static final int FIRST_PART_TASKS = 64;

    private final Transaction transaction;
    private final Flush flush;
    private final List<TaskText> tasks;
    private final BeginFlush.Start start;
    private final Map<Integer, String> refusals = new TreeMap<>();

    CarefulCopy(Transaction transaction, Flush flush, BeginFlush.Start start) {
        this.transaction = transaction;
        this.flush = flush;
        this.tasks = flush.inHand().stream().map(entry -> entry.text).toList();
        this.start = start;
    }

    /** Inserts; returns the reasons of those that were refused, by index. */
    Map<Integer, String> run() {
        int from = 0;
        // The task to try by itself next, because the server has named it.
        int suspect = flush.refusedLine() > 0 ? flush.refusedLine() - 1 : -1;
        int size = suspect > 0 ? suspect : FIRST_PART_TASKS;
        while (from < tasks.size()) {
            size = from == suspect ? 1 : Math.min(size, tasks.size() - from);
            flush.progress();
            Savepoint.set(transaction);
            try {
                CopyTasks.run(
                        transaction,
                        tasks.subList(from, from + size),
                        start.ids().subList(from, from + size),
                        start.now());
            } catch (DatabaseException e) {
                if (!e.blamesData()) {
                    throw e;
                }
                Savepoint.rollBack(transaction);
                if (size == 1) {
                    refusals.put(from, e.reason());
                    from++;
                    size = FIRST_PART_TASKS;
                } else {
                    int line = e.copyLine();
                    boolean named = line > 0 && line <= size;
                    suspect = named ? from + line - 1 : suspect;
                    size = named ? Math.max(1, line - 1) : size / 2;
                }
                continue;
            }
            Savepoint.release(transaction);
            from += size;
            size *= 2;
        }
        return refusals;
    }
}
