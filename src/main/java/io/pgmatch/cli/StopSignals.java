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
    private final boolean patient;

    private StopSignals(boolean patient) {
        this.patient = patient;
    }

    /** From now on a first signal asks to end, and a second one ends the process on the spot. */
    static StopSignals install() {
        return new StopSignals(false).listen();
    }

    /** The same, but later signals change nothing: for what must not be left half ended. */
    static StopSignals installPatient() {
        return new StopSignals(true).listen();
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

    private void received(Signal signal) {
        if (count.incrementAndGet() > 1) {
            if (!patient) {
                Runtime.getRuntime().halt(SIGNALLED + signal.getNumber());
            }
            return;
        }
        stopped.countDown();
        Runnable run = action.get();
        if (run != null) {
            run.run();
        }
    }
}
