package io.pgmatch.store;

import static io.pgmatch.store.generated.Tables.MATCHED_PAIRS;

import io.pgmatch.model.Pair;
import java.util.List;
import java.util.function.Consumer;
import org.jooq.Cursor;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * Follows the pairs as they are committed, each exactly once. Used by one thread.
 *
 * <p>Implementation notes. What is new is what the present snapshot sees and the previous one did
 * not, told by the transaction that each pair records: neither ids nor times do, since transactions
 * commit in another order than they begin. Of the pairs that became visible between two snapshots, the
 * earlier commit comes first where the server keeps commit times (track_commit_timestamp); elsewhere
 * the transaction that began first, which differs only for transactions that ran at the same time.
 */
public final class FollowPairs {
    private static final int FETCH_ROWS = 1_000;

    /** A snapshot that sees nothing. */
    private static final String NOTHING_SEEN = "1:1:";

    static final String SQL = """
            SELECT p.*
            FROM pgmatch.matched_pairs AS p
            WHERE p.transaction_id >= txid_snapshot_xmin(?::txid_snapshot)
              AND txid_visible_in_snapshot(p.transaction_id, ?::txid_snapshot)
              AND NOT txid_visible_in_snapshot(p.transaction_id, ?::txid_snapshot)
              AND (?::text IS NULL OR p.pool = ?::text)
            ORDER BY CASE WHEN current_setting('track_commit_timestamp') = 'on'
                THEN pg_xact_commit_timestamp((p.transaction_id % 4294967296)::text::xid) END,
                p.matched_at, p.transaction_id, p.first_id
            OFFSET ?
            """;

    private final Database database;
    private final @Nullable String pool;

    /** What was handed over for good. */
    private String seen = NOTHING_SEEN;

    /** Up to where pairs are being handed over; kept, so that a lost connection repeats none. */
    private @Nullable String target;

    /** How many of the pairs between the two were handed over. */
    private long handedOver;

    /** Follows the pairs of a pool, or all if it is null, from the first one on. */
    public FollowPairs(Database database, @Nullable String pool) {
        this.database = database;
        this.pool = pool;
    }

    /** Starts with the newest pairs instead of the first: hands them over, newest last. */
    public void skipTo(int newest, Consumer<Pair> sink) {
        try (Transaction transaction = database.beginSnapshot()) {
            String snapshot = snapshot(transaction);
            List<Pair> pairs = newest == 0 ? List.of() : PairRows.newest(transaction.dsl(), pool, newest);
            pairs.forEach(sink);
            seen = snapshot;
        }
    }

    /**
     * Hands over the pairs that have become visible since the last call; returns how many. After an
     * error the next call goes on where this one ended.
     */
    public long poll(Consumer<Pair> sink) {
        long before = handedOver;
        try (Transaction transaction = database.beginSnapshot()) {
            String present = snapshot(transaction);
            if (target == null) {
                target = present;
            }
            try (Cursor<Record> rows = transaction
                    .dsl()
                    .resultQuery(SQL, seen, target, seen, pool, pool, handedOver)
                    .fetchSize(FETCH_ROWS)
                    .coerce(MATCHED_PAIRS.fields())
                    .fetchLazy()) {
                for (Record row : rows) {
                    sink.accept(PairRows.pair(row));
                    handedOver++;
                }
            }
        }
        long count = handedOver - before;
        seen = target;
        target = null;
        handedOver = 0;
        return count;
    }

    private static String snapshot(Transaction transaction) {
        return transaction
                .dsl()
                .fetchSingle("SELECT txid_current_snapshot()::text")
                .get(0, String.class);
    }
}
