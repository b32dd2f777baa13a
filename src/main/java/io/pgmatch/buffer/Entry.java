package io.pgmatch.buffer;

import io.pgmatch.model.NewTask;
import io.pgmatch.model.TaskId;
import io.pgmatch.model.TaskNotInsertedException;
import io.pgmatch.model.TaskNotInsertedException.Reason;
import io.pgmatch.store.TaskText;
import org.jspecify.annotations.Nullable;

/**
 * A task in the buffer. Its outcome is decided once, by whoever took it out of the queue pair or holds
 * the monitor of its flush; the same thread then counts it, and last tells whoever waits for it.
 */
abstract class Entry extends Node {
    /** What the bound on bytes counts for the objects around the text. */
    static final int OVERHEAD_BYTES = 200;

    final String pool;
    final TaskText text;

    private @Nullable Outcome outcome;
    private @Nullable String explanation;
    private long id;

    Entry(NewTask task, TaskText text, @Nullable RefKey key, @Nullable Batch batch) {
        super(key, batch, text.length() + OVERHEAD_BYTES);
        this.pool = task.pool();
        this.text = text;
    }

    static @Nullable RefKey keyOf(NewTask task) {
        return task.ref() == null ? null : new RefKey(task.pool(), task.ref());
    }

    /** Tells whoever waits what became of it. */
    abstract void answer();

    final boolean isDecided() {
        return outcome != null;
    }

    final void acknowledge(long taskId) {
        outcome = Outcome.ACKNOWLEDGED;
        id = taskId;
    }

    final void reject(Outcome why, String words) {
        outcome = why;
        explanation = words;
    }

    /** The outcome, once there is one. */
    final Outcome outcome() {
        if (outcome == null) {
            throw new IllegalStateException("a task is answered that is not decided");
        }
        return outcome;
    }

    final String explanation() {
        return String.valueOf(explanation);
    }

    final TaskId taskId() {
        return new TaskId(pool, id);
    }

    final TaskNotInsertedException exception() {
        Reason reason = switch (outcome()) {
            case REFUSED -> Reason.REFUSED;
            case UNKNOWN -> Reason.UNKNOWN;
            case REPLACED -> Reason.REPLACED;
            case CANCELLED -> Reason.CANCELLED;
            case FAILED, ACKNOWLEDGED -> Reason.FAILED;
        };
        return new TaskNotInsertedException(reason, explanation());
    }
}
