package io.pgmatch.matching;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.pgmatch.store.DatabaseException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the threads of a matcher know together of the database being away: one log line when it goes,
 * one when it is back. Thread-safe.
 */
final class Outage {
    private static final Logger LOG = LoggerFactory.getLogger("io.pgmatch.Matcher");

    private static final long PAUSE_MIN_MILLIS = 100;
    private static final long PAUSE_MAX_MILLIS = 5_000;
    private static final int DOUBLINGS_MAX = 6;

    @GuardedBy("this")
    private boolean away;

    @GuardedBy("this")
    private long awaySinceNanos;

    /** The last fault of each undertaking that has not succeeded since. */
    @GuardedBy("this")
    private final Map<String, String> faults = new HashMap<>();

    /**
     * Hears of a failure; logs it if it is news.
     *
     * @param undertaking what failed, such as {@code pool "chess"}
     */
    synchronized void failed(String undertaking, RuntimeException fault) {
        if (is(fault)) {
            if (!away) {
                away = true;
                awaySinceNanos = System.nanoTime();
                LOG.warn("the database is away, trying again until it is back: {}", fault.getMessage());
            }
        } else if (!fault.toString().equals(faults.put(undertaking, fault.toString()))) {
            LOG.error("{}: failed and rolled back, trying again", undertaking, fault);
        }
    }

    /** Hears that an undertaking succeeded, so that the database answers. */
    synchronized void succeeded(String undertaking) {
        if (away) {
            away = false;
            Duration length = Duration.ofNanos(System.nanoTime() - awaySinceNanos);
            LOG.info("the database is back after {} s", length.toMillis() / 1000.0);
        }
        faults.remove(undertaking);
    }

    /** Whether what failed is the database being away. */
    static boolean is(RuntimeException fault) {
        return DatabaseException.isOutage(fault);
    }

    /** How long to wait after so many failures in a row: doubles, bounded, never twice the same. */
    static long pauseNanos(int failures) {
        long millis =
                Math.min(PAUSE_MAX_MILLIS, PAUSE_MIN_MILLIS << Math.min(Math.max(failures - 1, 0), DOUBLINGS_MAX));
        return TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
    }
}
