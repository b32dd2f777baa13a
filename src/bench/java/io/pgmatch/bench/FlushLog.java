package io.pgmatch.bench;

import io.pgmatch.model.PgmatchException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps when each flush of a {@link io.pgmatch.TaskBuffer} was committed, by the database's clock.
 *
 * <p>A task is gone from its table once it is paired, and the transaction that inserted it can no longer be asked
 * for. What is left of it is the time at which that transaction began: it is in the pair, as the time
 * since when the task waited, and it is in the ledger of bulk inserts. One writer flushes one batch after the other, so
 * no two flushes begin at the same microsecond, and the row of the ledger, which the same transaction wrote, names it.
 * The ledger remembers the last thousand flushes; a thread reads it twice a second. That is the only thing
 * the measurement adds to the load.
 */
final class FlushLog implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration END_WAIT = Duration.ofSeconds(30);

    private static final String READ = """
            SELECT (extract(epoch FROM inserted_at) * 1000000)::bigint,
                   (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint
            FROM pgmatch.insert_batches
            WHERE pool = ? AND inserted_at >= to_timestamp(?::bigint / 1000000) - interval '5 seconds'
            """;

    private final Sql sql;
    private final String pool;
    private final Thread thread = new Thread(this::follow, "bench-flush-log");
    private final CountDownLatch ending = new CountDownLatch(1);

    // From here on written by the thread, read by others once it has ended.
    private final Map<Long, Long> commitByBegin = new HashMap<>();
    private long newest;
    private @Nullable RuntimeException failure;

    FlushLog(Sql sql, String pool) {
        this.sql = sql;
        this.pool = pool;
    }

    /** Begins to keep them. */
    void start() {
        thread.start();
    }

    /** Stops, when the last flush is committed: what came since it was last read is read before. */
    Map<Long, Long> finish() throws InterruptedException {
        ending.countDown();
        thread.join(END_WAIT.toMillis());
        if (failure != null) {
            throw failure;
        }
        if (thread.isAlive()) {
            throw new PgmatchException("bench: the ledger of bulk inserts could not be read for " + END_WAIT);
        }
        return commitByBegin;
    }

    @Override
    public void close() {
        ending.countDown();
    }

    private void follow() {
        try {
            boolean ended = false;
            while (!ended) {
                // Read once more after the end.
                ended = ending.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
                read();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void read() {
        sql.with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(READ)) {
                statement.setString(1, pool);
                statement.setLong(2, newest);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        newest = Math.max(newest, rows.getLong(1));
                        commitByBegin.put(rows.getLong(1), rows.getLong(2));
                    }
                }
                return null;
            }
        });
    }
}
