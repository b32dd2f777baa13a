package io.pgmatch.buffer;

import io.pgmatch.model.NewTask;
import io.pgmatch.model.TaskId;
import io.pgmatch.store.TaskText;
import java.util.concurrent.CompletableFuture;

/** A task that was submitted by itself. */
final class SingleEntry extends Entry {
    final CompletableFuture<TaskId> future = new CompletableFuture<>();

    SingleEntry(NewTask task) {
        super(task, TaskText.of(task), keyOf(task), null);
    }

    @Override
    void answer() {
        if (outcome() == Outcome.ACKNOWLEDGED) {
            future.complete(taskId());
        } else {
            future.completeExceptionally(exception());
        }
    }
}
