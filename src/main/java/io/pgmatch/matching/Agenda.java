package io.pgmatch.matching;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The pools in which there is work, handed out in turn: any number of workers may be in one pool at a
 * time, and no pool keeps the others waiting. Thread-safe.
 */
final class Agenda {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final Set<String> pools = new LinkedHashSet<>();

    /** Until when pools are not handed out, by {@link System#nanoTime}. */
    @GuardedBy("lock")
    private final Map<String, Long> suspended = new HashMap<>();

    /** Counts every finished round that found work: the looker compares it. */
    @GuardedBy("lock")
    private long workCount;

    @GuardedBy("lock")
    private boolean stopped;

    /** Adds pools that have work. */
    void add(Collection<String> due) {
        lock.lock();
        try {
            for (String pool : due) {
                if (!isSuspended(pool)) {
                    pools.add(pool);
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a pool with work; null once stopped.
     *
     * @param notBefore until when some pools are not for whoever asks, by {@link System#nanoTime}; others may have them
     */
    @Nullable
    String next(Map<String, Long> notBefore) throws InterruptedException {
        lock.lock();
        try {
            while (!stopped) {
                long now = System.nanoTime();
                long soonest = Long.MAX_VALUE;
                for (String pool : pools) {
                    long nanos = notBefore.getOrDefault(pool, now) - now;
                    if (nanos <= 0) {
                        pools.remove(pool);
                        pools.add(pool);
                        return pool;
                    }
                    soonest = Math.min(soonest, nanos);
                }
                if (soonest == Long.MAX_VALUE) {
                    changed.await();
                } else {
                    changed.awaitNanos(soonest);
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Says that a round found work. */
    void worked() {
        lock.lock();
        try {
            workCount++;
        } finally {
            lock.unlock();
        }
    }

    /** Says that a round found nothing to claim in that pool. */
    void ranDry(String pool) {
        lock.lock();
        try {
            pools.remove(pool);
            if (pools.isEmpty()) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes a pool off for a time, because a round in it failed; the others go on. */
    void suspend(String pool, long nanos) {
        lock.lock();
        try {
            suspended.put(pool, System.nanoTime() + nanos);
            pools.remove(pool);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private boolean isSuspended(String pool) {
        Long until = suspended.get(pool);
        if (until != null && System.nanoTime() - until >= 0) {
            suspended.remove(pool);
            return false;
        }
        return until != null;
    }

    /** Waits at most {@code nanos} until every pool has run dry, or for the stop. */
    void awaitDry(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (!pools.isEmpty() && !stopped && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for {@code nanos}, or for the stop. */
    void pause(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (!stopped && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The pools that are handed out now. */
    String[] pools() {
        lock.lock();
        try {
            return pools.toArray(String[]::new);
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return pools.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    long workCount() {
        lock.lock();
        try {
            return workCount;
        } finally {
            lock.unlock();
        }
    }

    boolean isStopped() {
        lock.lock();
        try {
            return stopped;
        } finally {
            lock.unlock();
        }
    }

    /** Hands out nothing more and wakes whoever waits. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
