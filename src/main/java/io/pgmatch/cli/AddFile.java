package io.pgmatch.cli;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.Pgmatch;
import io.pgmatch.TaskBuffer;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.TaskId;
import io.pgmatch.model.TaskNotInsertedException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Streams a file of tasks through a {@link TaskBuffer}, in memory that does not depend on its size. */
final class AddFile {
    /** How long a database may be away. */
    private static final Duration DELIVERY = Duration.ofMinutes(5);

    private static final Duration END_WAIT = Duration.ofSeconds(10);
    private static final int BUFFER_TASKS_MAX = 10_000;
    private static final int FLUSH_TASKS_MAX = AddBatches.BATCH_LINES;
    private static final long BUFFER_BYTES_MAX = 12L << 20;
    private static final int INPUT_BUFFER_BYTES = 1 << 16;

    private final CommandContext context;
    private final AddFileOptions options;

    /** Falls when the file is at its end, or somebody asks to end. */
    private final CountDownLatch ended = new CountDownLatch(1);

    private final AtomicReference<@Nullable Throwable> fault = new AtomicReference<>();

    /** Whether all of the file was read. Written by the reading thread before {@link #ended} falls. */
    private volatile boolean complete;

    AddFile(CommandContext context, AddFileOptions options) {
        this.context = context;
        this.options = options;
    }

    /** Returns the exit code. */
    int run() throws InterruptedException {
        StopSignals signals = StopSignals.install(DELIVERY.plus(END_WAIT));
        ConnectionSettings settings = context.settings();
        CommandContext.requireReachable(settings);
        long start = System.nanoTime();
        try (HikariDataSource connections = settings.open(1);
                CountingInput input = new CountingInput(open());
                AddTally tally = new AddTally(context.console(), options.refused())) {
            Pgmatch pgmatch = Pgmatch.on(connections);
            pgmatch.requireSchema();
            String rule = pgmatch.pool(options.pool()).rule();
            signals.onStop(ended::countDown);
            try (TaskBuffer buffer = buffer(connections);
                    AddProgress progress = AddProgress.of(options, size(), input, tally, context.console())) {
                buffer.start();
                progress.start();
                read(input, rule, buffer, tally);
                ended.await();
            }
            tally.close();
            return summary(tally, Duration.ofNanos(System.nanoTime() - start));
        } catch (IOException e) {
            throw new PgmatchException(InputText.name(options.file()) + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static TaskBuffer buffer(HikariDataSource connections) {
        return TaskBuffer.builder(connections)
                .bufferTasksMax(BUFFER_TASKS_MAX)
                .bufferBytesMax(BUFFER_BYTES_MAX)
                .flushTasksMax(FLUSH_TASKS_MAX)
                .waitForRoom(DELIVERY.plus(END_WAIT))
                .deliveryTimeout(DELIVERY)
                .closeTimeout(DELIVERY.plus(END_WAIT))
                .readPoolsEvery(Duration.ZERO)
                // A file has its order: the first of two lines with the same ref goes in.
                .coalescing(false)
                .build();
    }

    /** Reads in a thread of its own: one that waits for standard input cannot be called back. */
    private void read(InputStream input, String rule, TaskBuffer buffer, AddTally tally) {
        Thread thread = new Thread(
                () -> {
                    try {
                        submitAll(input, rule, buffer, tally);
                    } catch (IOException | RuntimeException | Error e) {
                        fault.set(e);
                    } finally {
                        ended.countDown();
                    }
                },
                "pgmatch-add");
        thread.setDaemon(true);
        thread.start();
    }

    private void submitAll(InputStream input, String rule, TaskBuffer buffer, AddTally tally) throws IOException {
        TaskLines lines = isCsv()
                ? new CsvTaskLines(input, options.pool(), rule, options.expiresIn())
                : new JsonTaskLines(input, options.pool(), options.expiresIn());
        UUID fileId = options.batchId();
        AddBatches batches = fileId == null ? null : new AddBatches(buffer, tally, fileId);
        for (TaskLines.Line line = lines.next(); line != null; line = lines.next()) {
            NewTask task = line.task();
            if (ended.getCount() == 0 || tally.failure() != null) {
                return;
            }
            if (task == null) {
                tally.refused(line.number(), line.text(), line.fault());
            } else if (batches != null) {
                batches.add(line);
            } else {
                submit(line.number(), tally.keepsText() ? line.text() : "", task, buffer, tally);
            }
        }
        // An end that was asked for is none of the file: a batch would be cut short.
        if (batches != null && ended.getCount() > 0) {
            batches.finish();
        }
        complete = true;
    }

    private static void submit(long number, String text, NewTask task, TaskBuffer buffer, AddTally tally) {
        buffer.submit(task).whenComplete((id, e) -> answered(number, text, id, e, tally));
    }

    private static void answered(long number, String text, @Nullable TaskId id, @Nullable Throwable e, AddTally tally) {
        if (id != null) {
            tally.inserted(1);
        } else if (e instanceof TaskNotInsertedException known
                && known.reason() == TaskNotInsertedException.Reason.REFUSED) {
            tally.refused(number, text, String.valueOf(known.getMessage()));
        } else {
            tally.failed("line " + number + ": " + (e == null ? "no answer" : e.getMessage()));
        }
    }

    private int summary(AddTally tally, Duration time) {
        AddTally.Counts counts = tally.counts();
        StringBuilder line = new StringBuilder(Words.count(counts.inserted(), "task"))
                .append(" inserted, ")
                .append(counts.refused())
                .append(" refused");
        if (counts.earlier() + counts.refusedEarlier() > 0) {
            line.append(", ").append(counts.earlier()).append(" inserted earlier under this batch id");
        }
        if (counts.refusedEarlier() > 0) {
            line.append(", ").append(counts.refusedEarlier()).append(" refused then or added since");
        }
        line.append("; ")
                .append(Durations.shown(time))
                .append(String.format(
                        Locale.ROOT, ", %.0f tasks/s", counts.inserted() * 1e9 / Math.max(1, time.toNanos())));
        context.console().line(line.toString());
        String failure = tally.failure();
        Throwable thrown = fault.get();
        if (failure != null) {
            throw new PgmatchException(failure);
        }
        if (thrown instanceof PgmatchException known && (complete || !isStopped(known))) {
            throw known;
        }
        if (thrown != null && !(thrown instanceof PgmatchException)) {
            throw new PgmatchException(InputText.name(options.file()) + ": " + thrown, thrown);
        }
        if (!complete && !options.follow()) {
            throw new PgmatchException(InputText.name(options.file()) + ": interrupted before its end");
        }
        return counts.refused() + counts.refusedEarlier() > 0 ? Failures.FAILED : 0;
    }

    /** Whether the reading thread met nothing but the end that was asked for. */
    private static boolean isStopped(PgmatchException e) {
        return String.valueOf(e.getMessage()).startsWith("the buffer is closed");
    }

    private boolean isCsv() {
        return options.file().toLowerCase(Locale.ROOT).endsWith(".csv");
    }

    private InputStream open() throws IOException {
        return options.isStdin() ? System.in : Files.newInputStream(Path.of(options.file()));
    }

    private long size() throws IOException {
        Path path = Path.of(options.file());
        return options.isStdin() || options.follow() || !Files.isRegularFile(path) ? -1 : Files.size(path);
    }

    /** Buffers, waits at the end of a file that is followed, and counts. */
    final class CountingInput extends BufferedInputStream {
        private volatile long count;

        CountingInput(InputStream in) {
            super(options.follow() && !options.isStdin() ? new Tailing(in, ended) : in, INPUT_BUFFER_BYTES);
        }

        @Override
        public synchronized int read() throws IOException {
            int read = super.read();
            if (read >= 0) {
                count = count + 1;
            }
            return read;
        }

        @Override
        public synchronized int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            count = count + Math.max(read, 0);
            return read;
        }

        long count() {
            return count;
        }
    }
}
