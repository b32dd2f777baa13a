package io.pgmatch.cli;

import io.pgmatch.TaskBuffer;
import io.pgmatch.model.BatchReceipt;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.TaskNotInsertedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a file into batches, always in the same places, and gives each an id made of the file's id and its
 * number: so the same file sent again finds each batch in the ledger, or inserts it. For one thread.
 */
final class AddBatches {
    /** Changing either would cut a file in other places, and insert it again. */
    static final int BATCH_LINES = 5_000;

    private static final int BATCH_CHARACTERS_MAX = 2 << 20;

    private final TaskBuffer buffer;
    private final AddTally tally;
    private final UUID fileId;
    private List<TaskLines.Line> lines = new ArrayList<>();
    private long characters;
    private long batches;

    AddBatches(TaskBuffer buffer, AddTally tally, UUID fileId) {
        this.buffer = buffer;
        this.tally = tally;
        this.fileId = fileId;
    }

    /** Adds a line that is a task. */
    void add(TaskLines.Line line) {
        lines.add(line);
        characters += line.text().length();
        if (lines.size() == BATCH_LINES || characters >= BATCH_CHARACTERS_MAX) {
            send();
        }
    }

    /** Sends what is left. */
    void finish() {
        if (!lines.isEmpty()) {
            send();
        }
    }

    static UUID batchId(UUID fileId, long number) {
        return UUID.nameUUIDFromBytes((fileId + "/" + number).getBytes(StandardCharsets.US_ASCII));
    }

    private void send() {
        List<TaskLines.Line> batch = lines;
        lines = new ArrayList<>();
        characters = 0;
        List<NewTask> tasks = new ArrayList<>(batch.size());
        for (TaskLines.Line line : batch) {
            NewTask task = line.task();
            if (task != null) {
                tasks.add(task);
            }
        }
        List<TaskLines.Line> kept = tally.keepsText() ? batch : withoutText(batch);
        buffer.submitBatch(batchId(fileId, batches++), tasks)
                .whenComplete((receipt, fault) -> answered(kept, receipt, fault));
    }

    private static List<TaskLines.Line> withoutText(List<TaskLines.Line> batch) {
        return batch.stream()
                .map(line -> new TaskLines.Line(line.number(), "", null, ""))
                .toList();
    }

    private void answered(List<TaskLines.Line> batch, @Nullable BatchReceipt receipt, @Nullable Throwable fault) {
        if (receipt == null) {
            String reason = fault instanceof TaskNotInsertedException known
                    ? String.valueOf(known.getMessage())
                    : String.valueOf(fault);
            tally.failed("lines " + batch.get(0).number() + " to "
                    + batch.get(batch.size() - 1).number() + ": " + reason
                    + "; send the file again with the same --batch-id");
        } else if (receipt.repeated()) {
            tally.earlier(receipt.inserted(), batch.size() - receipt.inserted());
        } else {
            tally.inserted(receipt.inserted());
            receipt.refused()
                    .forEach((index, reason) -> tally.refused(
                            batch.get(index).number(), batch.get(index).text(), reason));
        }
    }
}
