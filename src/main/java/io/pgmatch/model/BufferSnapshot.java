package io.pgmatch.model;

import java.time.Duration;
import java.util.Map;

/**
 * How a buffer stood at one instant. Of what it took, every task is counted in exactly one place:
 * {@code submitted} is the sum of {@code queued} and of all that {@code outcomes} counts.
 *
 * @param submitted tasks that it took
 * @param outcomes what became of those that are no longer in it
 * @param queued the tasks in it: waiting to be sent, or being sent
 * @param oldestAge how long the first of {@code queued} has been in it; zero if there is none
 * @param flushes what was written, and how long it took
 * @param pools how many wait in each pool, by name, as last read from the database; empty until then
 */
public record BufferSnapshot(
        long submitted,
        Outcomes outcomes,
        Held queued,
        Duration oldestAge,
        Flushes flushes,
        Map<String, PoolReading> pools) {
    /** A buffer that has not taken anything. */
    public static final BufferSnapshot EMPTY = new BufferSnapshot(
            0,
            new Outcomes(0, 0, 0, 0, 0, 0),
            new Held(0, 0),
            Duration.ZERO,
            new Flushes(Distribution.EMPTY, Distribution.EMPTY, Distribution.EMPTY, 0),
            Map.of());

    /**
     * What became of tasks.
     *
     * @param acknowledged inserted, and its future has the id
     * @param refused by the database
     * @param failed not inserted, for a reason that is not the task's
     * @param unknown perhaps inserted
     * @param replaced by a later one with the same ref
     * @param cancelled before it was sent
     */
    public record Outcomes(long acknowledged, long refused, long failed, long unknown, long replaced, long cancelled) {
        /** All of them together. */
        public long sum() {
            return acknowledged + refused + failed + unknown + replaced + cancelled;
        }
    }

    /**
     * What is in the buffer.
     *
     * @param tasks how many
     * @param bytes their size, as the bound of the buffer counts it
     */
    public record Held(long tasks, long bytes) {}

    /**
     * The transactions that the buffer committed.
     *
     * @param tasks tasks in each
     * @param flushMicros how long each took, from its begin to the answer to its commit
     * @param acknowledgeMicros how long each acknowledged task took, from submit to then
     * @param repeated transactions that were begun again, because the first try did not get through
     */
    public record Flushes(
            Distribution tasks, Distribution flushMicros, Distribution acknowledgeMicros, long repeated) {}

    /** Inserted tasks whose future has the id. */
    public long acknowledged() {
        return outcomes.acknowledged();
    }

    /** Tasks that the database refused. */
    public long refused() {
        return outcomes.refused();
    }

    /** Tasks of which nobody can say whether they were inserted. */
    public long unknown() {
        return outcomes.unknown();
    }
}
