package io.pgmatch.buffer;

import io.pgmatch.model.BufferSnapshot;
import io.pgmatch.model.PoolReading;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the snapshot that everybody reads. Reading is one volatile read; who publishes waits for
 * nobody but another who publishes.
 */
final class Publisher {
    private final QueuePair<Entry> pair;
    private final Figures figures;
    private final Supplier<@Nullable Flush> inHand;

    private volatile Map<String, PoolReading> pools = Map.of();
    private volatile BufferSnapshot snapshot = BufferSnapshot.EMPTY;

    Publisher(QueuePair<Entry> pair, Figures figures, Supplier<@Nullable Flush> inHand) {
        this.pair = pair;
        this.figures = figures;
        this.inHand = inHand;
    }

    BufferSnapshot latest() {
        return snapshot;
    }

    void pools(Map<String, PoolReading> read) {
        pools = read;
        publish();
    }

    /** Publishes how things stand. Synchronized so that an older state never follows a newer one. */
    synchronized void publish() {
        Standing standing = pair.read();
        BufferSnapshot.Outcomes outcomes = new BufferSnapshot.Outcomes(
                standing.left(Outcome.ACKNOWLEDGED),
                standing.left(Outcome.REFUSED),
                standing.left(Outcome.FAILED),
                standing.left(Outcome.UNKNOWN),
                standing.left(Outcome.REPLACED),
                standing.left(Outcome.CANCELLED));
        snapshot = new BufferSnapshot(
                standing.submitted(),
                outcomes,
                new BufferSnapshot.Held(standing.heldTasks(), standing.heldBytes()),
                oldestAge(standing),
                figures.latest(),
                pools);
    }

    private Duration oldestAge(Standing standing) {
        if (standing.heldTasks() == 0) {
            return Duration.ZERO;
        }
        // What is in hand is older than what is queued.
        Flush flush = inHand.get();
        long now = System.nanoTime();
        if (flush != null) {
            return Duration.ofNanos(now - flush.admittedNanos());
        }
        return standing.oldestNanos() == 0 ? Duration.ZERO : Duration.ofNanos(now - standing.oldestNanos());
    }
}
