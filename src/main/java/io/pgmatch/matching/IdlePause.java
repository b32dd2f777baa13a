package io.pgmatch.matching;

import java.time.Duration;

/**
 * How long the looker waits before it looks again: from 1 ms, doubling with every fruitless look, to
 * 100 ms while there was work lately, to 1 s after that; and within those bounds never less than the look
 * itself took, so that looking takes half of a core at most. Used by one thread.
 */
final class IdlePause {
    private static final long MIN_NANOS = Duration.ofMillis(1).toNanos();
    private static final long RECENT_MAX_NANOS = Duration.ofMillis(100).toNanos();
    private static final long IDLE_MAX_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long RECENT_NANOS = Duration.ofSeconds(10).toNanos();

    private long pauseNanos = MIN_NANOS;
    private long lastWorkNanos;

    IdlePause(long nowNanos) {
        lastWorkNanos = nowNanos;
    }

    /** Starts over: there was work. */
    void worked(long nowNanos) {
        lastWorkNanos = nowNanos;
        pauseNanos = MIN_NANOS;
    }

    /** Whether there was work in the last ten seconds. */
    boolean workedLately(long nowNanos) {
        return nowNanos - lastWorkNanos < RECENT_NANOS;
    }

    /** The pause after a look that took so long; the next one is longer. */
    long next(long nowNanos, long lookNanos) {
        long max = workedLately(nowNanos) ? RECENT_MAX_NANOS : IDLE_MAX_NANOS;
        long pause = Math.min(Math.max(pauseNanos, lookNanos), max);
        pauseNanos = Math.min(2 * pauseNanos, IDLE_MAX_NANOS);
        return pause;
    }

    /** Whether the pauses have grown so long that a call would come before the next look. */
    boolean isLong() {
        return pauseNanos > RECENT_MAX_NANOS;
    }
}
