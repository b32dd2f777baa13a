package io.pgmatch;

import io.pgmatch.model.NewTask;
import io.pgmatch.model.TaskId;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.postgresql.ds.PGSimpleDataSource;

/** A producer that submits for ever, and prints the id of each task that was acknowledged. */
final class ProducerProcess {
    private static final int TASKS_MAX = 10_000_000;

    private ProducerProcess() {}

    public static void main(String[] arguments) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(arguments[0]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        try (TaskBuffer buffer = TaskBuffer.builder(source)
                .bufferTasksMax(2_000)
                .flushTasksMax(200)
                .build()) {
            buffer.start();
            for (int i = 0; i < TASKS_MAX; i++) {
                CompletableFuture<TaskId> future = buffer.submit(new NewTask("default", arguments[1] + i, "{}", null));
                future.thenAccept(id -> out.println(id.id()));
            }
        }
    }
}
