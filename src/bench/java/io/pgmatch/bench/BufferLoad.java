package io.pgmatch.bench;

import io.pgmatch.Pgmatch;
import io.pgmatch.TaskBuffer;
import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.embedded.BundledPostgresOptions;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.TaskId;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Tasks a second through a {@link TaskBuffer} from eight producers, beside raw COPY of the same rows into
 * the same table and one INSERT a task, in turns; then the latency of acknowledgements at 1,000 tasks a
 * second. On a bundled PostgreSQL that forces its log to disk.
 */
public final class BufferLoad {
    private static final int ROUNDS = 5;
    private static final int TASKS = 300_000;
    private static final int INSERTS = 10_000;
    private static final int PRODUCERS = 8;
    private static final int PACED_SECONDS = 20;
    private static final int PACED_TASKS_A_SECOND = 1_000;
    private static final String POOL = "chess";
    private static final String RULE = """
            {"attributes": {"mode": {"type": "text"}, "rating": {"type": "number"}}, "match": [{"equal": "mode"}]}
            """;

    private final DataSource source;
    private final NewTask[] tasks = new NewTask[TASKS];

    private BufferLoad(DataSource source) {
        this.source = source;
        for (int i = 0; i < TASKS; i++) {
            tasks[i] = new NewTask(
                    POOL,
                    "task-" + i,
                    "{\"mode\": \"mode-" + i % 1_000 + "\", \"rating\": " + i % 3_000 + ", \"player\": \"p" + i + "\"}",
                    null);
        }
    }

    /** Runs everything, or with the argument {@code latency} that alone. */
    public static void main(String[] arguments) throws Exception {
        BundledPostgresOptions options = BundledPostgresOptions.temporary()
                .withSetting("shared_buffers", "512MB")
                .withSetting("max_wal_size", "8GB");
        try (BundledPostgres postgres = BundledPostgres.start(options)) {
            Pgmatch pgmatch = Pgmatch.on(postgres.dataSource());
            pgmatch.migrate();
            pgmatch.createPool(POOL, RULE);
            BufferLoad load = new BufferLoad(postgres.dataSource());
            if (!List.of(arguments).contains("latency")) {
                load.throughput();
            }
            load.latency();
        }
    }

    private void throughput() throws Exception {
        double[] copy = new double[ROUNDS];
        double[] buffer = new double[ROUNDS];
        double[] insert = new double[ROUNDS];
        // The first round warms up.
        for (int i = -1; i < ROUNDS; i++) {
            double copied = measured(TASKS, this::copy);
            double buffered = measured(TASKS, this::buffer);
            double inserted = measured(INSERTS, this::insert);
            System.out.printf(
                    "round %d: COPY %,.0f/s, TaskBuffer %,.0f/s (%.2f), INSERT %,.0f/s%n",
                    i + 1, copied, buffered, buffered / copied, inserted);
            if (i >= 0) {
                copy[i] = copied;
                buffer[i] = buffered;
                insert[i] = inserted;
            }
        }
        System.out.printf(
                "| median of %d | raw COPY %,.0f/s | TaskBuffer %,.0f/s | ratio %.2f | INSERT %,.0f/s |%n",
                ROUNDS, median(copy), median(buffer), median(buffer) / median(copy), median(insert));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private interface Work {
        void run() throws Exception;
    }

    private double measured(int count, Work work) throws Exception {
        try (Connection connection = source.getConnection()) {
            connection.createStatement().execute("TRUNCATE pgmatch.tasks, pgmatch.insert_batches, pgmatch.task_tally");
            connection.createStatement().execute("CHECKPOINT");
        }
        long start = System.nanoTime();
        work.run();
        double perSecond = count * 1e9 / (System.nanoTime() - start);
        long waiting = Pgmatch.on(source).status(POOL).get(0).waiting();
        if (waiting != count) {
            throw new IllegalStateException("wanted " + count + " tasks, got " + waiting);
        }
        return perSecond;
    }

    private void copy() throws SQLException {
        try (Connection connection = source.getConnection()) {
            CopyIn copy = connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY pgmatch.tasks (pool, ref, attributes) FROM STDIN");
            for (NewTask task : tasks) {
                // Nothing in these rows needs escaping.
                byte[] row =
                        (POOL + "\t" + task.ref() + "\t" + task.attributes() + "\n").getBytes(StandardCharsets.UTF_8);
                copy.writeToCopy(row, 0, row.length);
            }
            copy.endCopy();
        }
    }

    private void buffer() throws Exception {
        AtomicInteger acknowledged = new AtomicInteger();
        try (TaskBuffer buffer =
                TaskBuffer.builder(source).waitForRoom(Duration.ofMinutes(1)).build()) {
            buffer.start();
            eightTimes(producer -> {
                for (int i = producer; i < TASKS; i += PRODUCERS) {
                    buffer.submit(tasks[i]).thenRun(acknowledged::incrementAndGet);
                }
            });
        }
        if (acknowledged.get() != TASKS) {
            throw new IllegalStateException("acknowledged " + acknowledged);
        }
    }

    private void insert() throws Exception {
        eightTimes(producer -> {
            try (Connection connection = source.getConnection();
                    PreparedStatement statement = connection.prepareStatement(
                            "INSERT INTO pgmatch.tasks (pool, ref, attributes) VALUES (?, ?, ?::jsonb)")) {
                for (int i = producer; i < INSERTS; i += PRODUCERS) {
                    statement.setString(1, POOL);
                    statement.setString(2, tasks[i].ref());
                    statement.setString(3, tasks[i].attributes());
                    statement.executeUpdate();
                }
            }
        });
    }

    private interface Producer {
        void run(int number) throws Exception;
    }

    private static void eightTimes(Producer producer) throws Exception {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < PRODUCERS; i++) {
            int number = i;
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            new Thread(() -> {
                        try {
                            producer.run(number);
                            end.complete(null);
                        } catch (Exception e) {
                            end.completeExceptionally(e);
                        }
                    })
                    .start();
        }
        CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).get(10, TimeUnit.MINUTES);
    }

    private void latency() throws Exception {
        try (Connection connection = source.getConnection()) {
            connection.createStatement().execute("TRUNCATE pgmatch.tasks");
        }
        Histogram micros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(1), 3);
        try (TaskBuffer buffer = TaskBuffer.builder(source).build()) {
            buffer.start();
            long interval = TimeUnit.SECONDS.toNanos(1) / PACED_TASKS_A_SECOND;
            long start = System.nanoTime();
            for (int i = 0; i < PACED_SECONDS * PACED_TASKS_A_SECOND; i++) {
                long due = start + i * interval;
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                CompletableFuture<TaskId> future = buffer.submit(tasks[i]);
                // From when it was due: a producer that falls behind must not hide it.
                future.thenRun(() -> micros.recordValue((System.nanoTime() - due) / 1_000));
            }
        }
        System.out.printf(
                "acknowledged at %d tasks/s, linger 5 ms: p50 %.1f ms, p99 %.1f ms, max %.1f ms (%d tasks)%n",
                PACED_TASKS_A_SECOND,
                micros.getValueAtPercentile(50) / 1e3,
                micros.getValueAtPercentile(99) / 1e3,
                micros.getMaxValue() / 1e3,
                micros.getTotalCount());
    }
}
