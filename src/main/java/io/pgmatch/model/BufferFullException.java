package io.pgmatch.model;

import java.time.Duration;

/** A buffer took no task because it was full; the message says how full. Trying again later makes sense. */
public final class BufferFullException extends PgmatchException {
    private static final long serialVersionUID = 1L;

    private final long tasks;
    private final long bytes;

    /**
     * The state of the buffer at the refusal.
     *
     * @param tasks tasks that it held, of at most {@code tasksMax}
     * @param bytes bytes that it held, of at most {@code bytesMax}
     * @param waited how long the caller waited for room
     */
    public BufferFullException(long tasks, long tasksMax, long bytes, long bytesMax, Duration waited) {
        super("buffer full: it holds " + tasks + " of at most " + tasksMax + " tasks and " + bytes + " of at most "
                + bytesMax + " bytes" + (waited.isZero() ? "" : ", still so after " + waited.toMillis() + " ms")
                + "; submit more slowly, or give it more room");
        this.tasks = tasks;
        this.bytes = bytes;
    }

    /** Tasks that the buffer held. */
    public long tasks() {
        return tasks;
    }

    /** Bytes that the buffer held. */
    public long bytes() {
        return bytes;
    }

    @Override
    public boolean isTransient() {
        return true;
    }
}
