package io.pgmatch.buffer;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The thread that keeps time: it gives up tasks whose time has come, cuts an attempt that is stuck, and
 * publishes how things stand. It never does I/O, so that a database that hangs cannot stop it.
 */
final class Clock implements Runnable {
    private static final long TICK_MILLIS = 10;
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Tasks are given up so long before their deadline, so that their futures complete by it. */
    private static final Duration MARGIN_MAX = Duration.ofMillis(100);

    private static final int MARGIN_PARTS = 10;

    private final QueuePair<Entry> pair;
    private final Writer writer;
    private final BufferConfig.Patience patience;
    private final long giveUpNanos;
    private final String when;
    private final CountDownLatch stopped = new CountDownLatch(1);

    Clock(QueuePair<Entry> pair, Writer writer, BufferConfig.Patience patience) {
        this.pair = pair;
        this.writer = writer;
        this.patience = patience;
        Duration part = patience.delivery().dividedBy(MARGIN_PARTS);
        Duration margin = part.compareTo(MARGIN_MAX) < 0 ? part : MARGIN_MAX;
        this.giveUpNanos = patience.delivery().minus(margin).toNanos();
        this.when = "within " + patience.delivery().toMillis() + " ms";
    }

    @Override
    public void run() {
        try {
            do {
                pair.awaitHeld(IDLE_NANOS);
                tick();
            } while (!stopped.await(TICK_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void stop() {
        stopped.countDown();
    }

    private void tick() {
        long admittedBefore = System.nanoTime() - giveUpNanos;
        List<Entry> expired = pair.expire(admittedBefore);
        Flush flush = writer.current();
        if (flush != null) {
            writer.answer(flush.giveUp(admittedBefore, when));
            if (flush.isStuck(patience.attempt().toNanos())) {
                writer.cut();
            }
        }
        writer.publisher().publish();
        Writer.tellExpired(expired, when);
    }
}
