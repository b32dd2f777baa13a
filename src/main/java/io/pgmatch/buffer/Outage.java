package io.pgmatch.buffer;

import io.pgmatch.store.DatabaseException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the writer knows of the database being away: one log line when it goes, one when it is back. */
final class Outage {
    private static final Logger LOG = LoggerFactory.getLogger("io.pgmatch.TaskBuffer");

    private static final long PAUSE_MIN_MILLIS = 10;
    private static final long PAUSE_MAX_MILLIS = 1_000;
    private static final int DOUBLINGS_MAX = 7;

    /** A connection that breaks once is no outage. */
    private static final int FAILURES_TO_TELL = 3;

    /** Written by the writer's thread only, as are the others. */
    private int failures;

    private boolean told;
    private long sinceNanos;

    /** Hears of a failure; returns how long to wait: doubles, bounded, never twice the same. */
    long failed(RuntimeException fault) {
        if (++failures == 1) {
            sinceNanos = System.nanoTime();
        }
        if (failures == FAILURES_TO_TELL) {
            told = true;
            LOG.warn("tasks cannot be inserted, trying again until they can: {}", fault.getMessage());
        }
        long millis = Math.min(PAUSE_MAX_MILLIS, PAUSE_MIN_MILLIS << Math.min(failures - 1, DOUBLINGS_MAX));
        return TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
    }

    /** Hears that the database answers. */
    void succeeded() {
        if (told) {
            Duration length = Duration.ofNanos(System.nanoTime() - sinceNanos);
            LOG.info("tasks are inserted again, after {} s", length.toMillis() / 1000.0);
        }
        failures = 0;
        told = false;
    }

    /** Hears that the database will not have any of some tasks. */
    void refused(int tasks, DatabaseException fault) {
        LOG.error("{} tasks were not inserted: {}", tasks, fault.reason());
    }

    /** Hears of a fault of our own. */
    void broken(Throwable fault) {
        LOG.error("a flush failed", fault);
    }
}
