package io.pgmatch.matching;

import io.pgmatch.store.Wakeups;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The thread that hears of inserts by NOTIFY, where the connection allows it, and puts their pools on
 * the agenda. Only sooner: without it the looker finds the same.
 */
final class Listener implements Runnable {
    private final Wakeups wakeups;
    private final @Nullable Set<String> pools;
    private final Agenda agenda;
    private final Outage outage;

    Listener(Wakeups wakeups, @Nullable Set<String> pools, Agenda agenda, Outage outage) {
        this.wakeups = wakeups;
        this.pools = pools;
        this.agenda = agenda;
        this.outage = outage;
    }

    boolean isListening() {
        return wakeups.isListening();
    }

    @Override
    public void run() {
        int failures = 0;
        try {
            while (!agenda.isStopped()) {
                try {
                    if (!wakeups.listen()) {
                        return;
                    }
                    List<String> called = wakeups.await();
                    failures = 0;
                    agenda.add(called.stream()
                            .filter(pool -> pools == null || pools.contains(pool))
                            .toList());
                } catch (RuntimeException e) {
                    if (!agenda.isStopped()) {
                        outage.failed("listening for inserts", e);
                        agenda.pause(Outage.pauseNanos(++failures));
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            wakeups.close();
        }
    }

    /** Ends the wait for notifications. For any thread. */
    void stop() {
        wakeups.abort();
    }
}
