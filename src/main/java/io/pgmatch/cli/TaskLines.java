package io.pgmatch.cli;

import io.pgmatch.model.NewTask;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file of tasks, read one by one in bounded memory. For one thread. */
interface TaskLines {
    /** A line may be so long; the attributes of a task are at most 64 KiB. */
    int LINE_BYTES_MAX = 1 << 20;

    /**
     * A task of the file, or what stands there instead.
     *
     * @param number the line in the file on which it starts, from 1
     * @param text the line itself
     * @param task null if it is none
     * @param fault why it is none
     */
    record Line(long number, String text, @Nullable NewTask task, String fault) {}

    /** The next one, or null at the end. */
    @Nullable
    Line next() throws IOException;
}
