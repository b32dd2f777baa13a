package io.pgmatch.matching;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * In which pools that have run dry a worker asks again itself, before it leaves them to the looker: in those into which tasks
 * come steadily. There a round that finds nothing costs less than a look, and tasks wait less. Used by one thread.
 */
final class Lingering {
    /** A worker asks again after this. */
    static final Duration PAUSE = Duration.ofMillis(1);

    /** So often, if it finds nothing. */
    static final int ROUNDS_MAX = 4;

    /** Tasks come steadily if some came no later than this after the pool had run dry. */
    static final Duration STEADY_WITHIN = Duration.ofMillis(20);

    private final Map<String, Pool> pools = new HashMap<>();

    private static final class Pool {
        private boolean steady;

        /** Rounds in a row that found nothing. */
        private int dryRounds;

        /** When the first of these ended. */
        private long dryNanos;
    }

    /** Notes that a round in that pool found work. */
    void worked(String name, long nowNanos) {
        Pool pool = pools.get(name);
        if (pool == null) {
            pools.put(name, new Pool());
        } else if (pool.dryRounds > 0) {
            pool.steady = nowNanos - pool.dryNanos <= STEADY_WITHIN.toNanos();
            pool.dryRounds = 0;
        }
    }

    /** Notes that a round in that pool found nothing; returns whether to ask again after the pause. */
    boolean ranDry(String name, long nowNanos) {
        Pool pool = pools.get(name);
        if (pool == null) {
            return false;
        }
        if (pool.dryRounds == 0) {
            pool.dryNanos = nowNanos;
        }
        pool.dryRounds++;
        return pool.steady && pool.dryRounds <= ROUNDS_MAX;
    }
}
