package io.pgmatch.cli;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/**
 * Hears the signals that ask a command to end: SIGTERM, SIGINT (Ctrl-C), SIGHUP (the terminal was
 * closed). Thread-safe.
 *
 * <p>By {@link Signal}, which has been left in place for want of anything else: a shutdown hook can
 * end a process in order, but not with exit code 0, and never hears a second signal.
 */
final class StopSignals {
    private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

    /** A shell reports a process that a signal ended as 128 plus its number. */
    private static final int SIGNALLED = 128;

    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicReference<@Nullable Runnable> action = new AtomicReference<>();

    /** How long the process may take to end; null for as long as it takes. */
    private volatile @Nullable Duration patience;

    private StopSignals(@Nullable Duration patience) {
        this.patience = patience;
    }

    /**
     * From now on a first signal asks to end. A second one, or {@code patience} after the first, ends
     * the process on the spot: it may be waiting for a database that does not answer.
     */
    static StopSignals install(Duration patience) {
        return new StopSignals(patience).listen();
    }

    /** The same without an end to patience, whatever comes: for what must not be left half ended. */
    static StopSignals installPatient() {
        return new StopSignals(null).listen();
    }

    /** Changes how long the process may take to end. */
    void patience(Duration other) {
        patience = other;
    }

    /** Has the first signal, or one that has come already, run this; it may run twice. */
    void onStop(Runnable run) {
        action.set(run);
        if (isStopped()) {
            run.run();
        }
    }

    boolean isStopped() {
        return stopped.getCount() == 0;
    }

    /** Waits for a signal. */
    void await() throws InterruptedException {
        stopped.await();
    }

    /** Waits for a signal, but not longer than that; true if one came. */
    boolean await(Duration patience) throws InterruptedException {
        return stopped.await(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    private StopSignals listen() {
        for (String name : NAMES) {
            try {
                Signal.handle(new Signal(name), this::received);
            } catch (IllegalArgumentException e) {
                // The system has no such signal, or java was told to leave them alone (-Xrs).
            }
        }
        return this;
    }

    private static void endWithin(Duration bound) {
        CountDownLatch never = new CountDownLatch(1);
        Thread thread = new Thread(
                () -> {
                    try {
                        if (!never.await(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                            Runtime.getRuntime().halt(0);
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "pgmatch-last-resort");
        thread.setDaemon(true);
        thread.start();
    }

    private void received(Signal signal) {
        Duration bound = patience;
        if (count.incrementAndGet() > 1) {
            if (bound != null) {
                Runtime.getRuntime().halt(SIGNALLED + signal.getNumber());
            }
            return;
        }
        if (bound != null) {
            endWithin(bound);
        }
        stopped.countDown();
        Runnable run = action.get();
        if (run != null) {
            run.run();
        }
    }
}
