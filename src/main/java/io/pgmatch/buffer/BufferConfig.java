package io.pgmatch.buffer;

import io.pgmatch.model.PgmatchException;
import java.time.Duration;

/**
 * The settings of a buffer.
 *
 * @param room how much it holds, and what happens when that is full
 * @param flushes when what it holds is written
 * @param patience how long its parts wait
 * @param coalescing whether a task replaces an earlier one with the same pool and ref that has not been
 *     sent; otherwise both are sent, and the database refuses the second while the first waits
 */
public record BufferConfig(Room room, Flushes flushes, Patience patience, boolean coalescing) {
    private static final Duration DURATION_MAX = Duration.ofHours(24);

    /** What a program gets that asks for nothing else. */
    public static final BufferConfig DEFAULT = new BufferConfig(
            new Room(100_000, 64L << 20, Duration.ofSeconds(10)),
            new Flushes(Duration.ofMillis(5), 10_000, 8L << 20),
            new Patience(Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(15), Duration.ofSeconds(5)),
            true);

    /**
     * How much a buffer holds.
     *
     * @param tasksMax tasks, those being written included
     * @param bytesMax their bytes: the text of each, and 200 more for what surrounds it
     * @param patience how long a submission waits for room before it is refused; zero to refuse at once
     */
    public record Room(int tasksMax, long bytesMax, Duration patience) {
        private static final int TASKS_MAX = 100_000_000;

        /** Refuses bounds that make no sense. */
        public Room {
            check("buffer tasks", tasksMax, TASKS_MAX);
            check("buffer bytes", bytesMax, Long.MAX_VALUE / 2);
            check("wait for room", patience, true);
        }
    }

    /**
     * When a buffer writes.
     *
     * @param linger how long the first task waits for others to go with it
     * @param tasksMax most tasks in one transaction
     * @param bytesMax most bytes in one transaction, unless a single task is larger
     */
    public record Flushes(Duration linger, int tasksMax, long bytesMax) {
        private static final int TASKS_MAX = 100_000;

        /** Refuses bounds that make no sense. */
        public Flushes {
            check("linger", linger, true);
            check("flush tasks", tasksMax, TASKS_MAX);
            check("flush bytes", bytesMax, Long.MAX_VALUE / 2);
        }
    }

    /**
     * How long the parts of a buffer wait.
     *
     * @param delivery after this the future of a task completes, whatever the database does
     * @param attempt after this a transaction is cut, and begun again
     * @param close after this {@code close} returns, whatever the database does
     * @param reading how often the pools are read; zero for never
     */
    public record Patience(Duration delivery, Duration attempt, Duration close, Duration reading) {
        /** Refuses durations that make no sense. */
        public Patience {
            check("delivery timeout", delivery, false);
            check("attempt timeout", attempt, false);
            check("close timeout", close, false);
            check("period of reading pools", reading, true);
        }
    }

    private static void check(String name, long value, long max) {
        if (value < 1 || value > max) {
            throw new PgmatchException(name + ": wanted 1 to " + max + ", got " + value);
        }
    }

    private static void check(String name, Duration value, boolean zeroAllowed) {
        if (value.isNegative() || value.compareTo(DURATION_MAX) > 0 || (value.isZero() && !zeroAllowed)) {
            throw new PgmatchException(
                    name + ": wanted " + (zeroAllowed ? "0 s" : "more than 0 s") + " and at most 24 h, got " + value);
        }
    }
}
