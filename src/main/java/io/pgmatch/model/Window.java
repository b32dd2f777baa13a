package io.pgmatch.model;

/**
 * A stretch of a bucket in which partners are searched for, in the order of (rank, id).
 *
 * @param bucket the bucket
 * @param afterRank with {@code afterId}: only what comes after this point
 * @param afterId see {@code afterRank}
 * @param toRank the highest rank, inclusive
 */
public record Window(long bucket, double afterRank, long afterId, double toRank) {
    /** The part of this window that comes after the given task. */
    public Window after(WaitingTask task) {
        return new Window(bucket, task.rank(), task.id(), toRank);
    }

    /** Whether the window starts at that task, or after it. */
    public boolean startsAfter(WaitingTask task) {
        return afterRank > task.rank() || (afterRank == task.rank() && afterId >= task.id());
    }
}
