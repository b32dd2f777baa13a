package io.pgmatch.buffer;

import io.pgmatch.store.BeginFlush;
import io.pgmatch.store.CopyTasks;
import io.pgmatch.store.Database;
import io.pgmatch.store.InsertBatches;
import io.pgmatch.store.Transaction;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes flushes into the database: one transaction each, entered in the ledger, by COPY. */
final class DatabaseSink implements Sink {
    /** So many flushes can be looked up after they are decided. */
    private static final int REMEMBERED_FLUSHES = 1_000;

    /** So many are forgotten at a time: one flush pays for it, and its tasks wait for it. */
    private static final int FORGOTTEN_AT_ONCE = 100;

    private final Database database;
    private final Duration timeout;

    /** Decided flushes that are still in the ledger. Written by the writer only. */
    private final Deque<Spent> spent = new ArrayDeque<>();

    /** What {@link #abort} cuts. Written by the writer only. */
    private volatile @Nullable Transaction current;

    private record Spent(UUID batchId, Set<String> pools) {}

    DatabaseSink(Database database, Duration timeout) {
        this.database = database;
        this.timeout = timeout;
    }

    @Override
    public Trial attempt(Flush flush) {
        List<Entry> entries = flush.inHand();
        SortedMap<String, Integer> counts = countByPool(entries, Map.of());
        Trial trial;
        int forgotten = 0;
        try (Transaction transaction = database.begin()) {
            current = transaction;
            BeginFlush.Start start = BeginFlush.run(transaction, entries.size(), timeout);
            if (InsertBatches.enter(transaction, flush.batchId(), counts)) {
                flush.entered();
                trial = insert(transaction, flush, start);
                forgotten = forgetSpent(transaction);
                flush.committing(trial);
            } else {
                // An earlier transaction of this flush, or of this batch in another process, has it.
                int inserted = InsertBatches.confirm(transaction, flush.batchId(), counts.keySet());
                Trial earlier = flush.trial();
                trial = earlier != null ? earlier : Trial.earlier(entries, inserted);
            }
            flush.progress();
            transaction.commitWithoutWarning();
        } finally {
            current = null;
        }
        for (int i = 0; i < forgotten; i++) {
            spent.remove();
        }
        if (!flush.isBatch()) {
            spent.add(new Spent(flush.batchId(), counts.keySet()));
        }
        return trial;
    }

    @Override
    public void abort() {
        Transaction transaction = current;
        if (transaction != null) {
            transaction.abort();
        }
    }

    private static Trial insert(Transaction transaction, Flush flush, BeginFlush.Start start) {
        List<Entry> entries = flush.inHand();
        if (flush.refusedLine() < 0) {
            CopyTasks.run(transaction, entries.stream().map(entry -> entry.text).toList(), start.ids(), start.now());
            return Trial.of(entries, start.ids(), Map.of());
        }
        Map<Integer, String> refusals = new CarefulCopy(transaction, flush, start).run();
        if (!refusals.isEmpty()) {
            InsertBatches.correct(transaction, flush.batchId(), countByPool(entries, refusals));
        }
        return Trial.of(entries, start.ids(), refusals);
    }

    /**
     * In the same transaction as a flush, so that it costs no commit of its own.
     *
     * @return how many of the oldest, to be dropped here too once that has committed
     */
    private int forgetSpent(Transaction transaction) {
        if (spent.size() < REMEMBERED_FLUSHES + FORGOTTEN_AT_ONCE) {
            return 0;
        }
        List<Spent> oldest =
                spent.stream().limit(spent.size() - REMEMBERED_FLUSHES).toList();
        Set<String> pools = oldest.stream().flatMap(one -> one.pools().stream()).collect(Collectors.toSet());
        InsertBatches.forget(
                transaction, pools, oldest.stream().map(Spent::batchId).toList());
        return oldest.size();
    }

    /** How many of each pool are inserted; 0 for a pool all of whose tasks are refused. */
    private static SortedMap<String, Integer> countByPool(List<Entry> entries, Map<Integer, String> refusals) {
        SortedMap<String, Integer> counts = new TreeMap<>();
        for (int i = 0; i < entries.size(); i++) {
            counts.merge(entries.get(i).pool, refusals.containsKey(i) ? 0 : 1, Integer::sum);
        }
        return counts;
    }
}
