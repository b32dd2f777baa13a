package io.pgmatch.buffer;

/**
 * How a {@link QueuePair} stands, read under its lock.
 *
 * @param submitted tasks ever admitted
 * @param outcomes by ordinal of {@link Outcome}, tasks that left
 * @param heldTasks tasks admitted that have not left
 * @param heldBytes their size
 * @param oldestNanos when the first of those still queued was admitted; 0 if none is
 */
record Standing(long submitted, long[] outcomes, long heldTasks, long heldBytes, long oldestNanos) {
    long left(Outcome outcome) {
        return outcomes[outcome.ordinal()];
    }
}
