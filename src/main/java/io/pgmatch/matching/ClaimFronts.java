package io.pgmatch.matching;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The fronts of a matcher's workers, by pool. Thread-safe. */
final class ClaimFronts {
    private final int workerCount;
    private final Map<String, ClaimFront> byPool = new ConcurrentHashMap<>();

    /** The fronts of so many workers. */
    ClaimFronts(int workerCount) {
        this.workerCount = workerCount;
    }

    /** The front in that pool. */
    ClaimFront of(String pool) {
        return byPool.computeIfAbsent(pool, name -> new ClaimFront(workerCount));
    }

    /** Forgets the front in a pool where nothing is due; workers that have it yet go on with it. */
    void forget(String pool) {
        byPool.remove(pool);
    }
}
