package io.pgmatch.buffer;

import io.pgmatch.store.Database;
import io.pgmatch.store.PoolWaits;
import io.pgmatch.store.Transaction;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that reads now and then how many wait in each pool. */
final class PoolReader implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger("io.pgmatch.TaskBuffer");
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(30);

    /** A reading takes at most this part of the time, however large the tables are. */
    private static final int TIME_PARTS = 20;

    private final Database database;
    private final Publisher publisher;
    private final Duration period;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** What {@link #stop} cuts. Written by the reader's thread only. */
    private volatile @Nullable Transaction current;

    PoolReader(Database database, Publisher publisher, Duration period) {
        this.database = database;
        this.publisher = publisher;
        this.period = period;
    }

    @Override
    public void run() {
        try {
            long pauseNanos;
            do {
                long start = System.nanoTime();
                read();
                pauseNanos = Math.max(period.toNanos(), TIME_PARTS * (System.nanoTime() - start));
            } while (!stopped.await(pauseNanos, TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void stop() {
        stopped.countDown();
        Transaction transaction = current;
        if (transaction != null) {
            transaction.abort();
        }
    }

    private void read() {
        try (Transaction transaction = database.begin()) {
            current = transaction;
            if (stopped.getCount() == 0) {
                // Whoever stopped may have looked for a transaction to cut just before this one.
                return;
            }
            publisher.pools(PoolWaits.run(transaction, STATEMENT_TIMEOUT));
        } catch (RuntimeException e) {
            // The last reading stays, and says when it was.
            LOG.debug("the pools could not be read", e);
        } finally {
            current = null;
        }
    }
}
