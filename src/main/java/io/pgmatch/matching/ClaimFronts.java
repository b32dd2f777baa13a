package io.pgmatch.matching;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** The fronts of a matcher's workers, by pool. Thread-safe. */
final class ClaimFronts {
    private final LongSupplier nanoTime;
    private final Map<String, ClaimFront> byPool = new ConcurrentHashMap<>();

    /** Fronts by the clock of this process. */
    ClaimFronts() {
        this(System::nanoTime);
    }

    /** Fronts by another clock. */
    ClaimFronts(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The front in that pool. */
    ClaimFront of(String pool) {
        return byPool.computeIfAbsent(pool, name -> new ClaimFront(nanoTime));
    }
}
