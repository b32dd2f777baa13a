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

    private final boolean secondEnds;

    /** How long the process may take to end; null for as long as it takes. */
    private volatile @Nullable Duration patience;

    private StopSignals(boolean secondEnds, @Nullable Duration patience) {
        this.secondEnds = secondEnds;
        this.patience = patience;
    }

    /** From now on a first signal asks to end, and a second one ends the process on the spot. */
    static StopSignals install() {
        return new StopSignals(true, null).listen();
    }

    /**
     * The same, but the process ends {@code patience} after the first signal at the latest: it may be
     * waiting for a database that does not answer.
     */
    static StopSignals install(Duration patience) {
        return new StopSignals(true, patience).listen();
    }

    /** From now on a first signal asks to end, and later ones change nothing: for what must end in order. */
    static StopSignals installPatient() {
        return new StopSignals(false, null).listen();
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
        if (count.incrementAndGet() > 1) {
            if (secondEnds) {
                Runtime.getRuntime().halt(SIGNALLED + signal.getNumber());
            }
            return;
        }
        Duration bound = patience;
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
