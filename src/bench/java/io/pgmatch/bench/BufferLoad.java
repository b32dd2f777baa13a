package io.pgmatch.bench;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.Pgmatch;
import io.pgmatch.TaskBuffer;
import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.embedded.BundledPostgresOptions;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.TaskId;
import java.lang.management.ManagementFactory;
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
import java.util.concurrent.atomic.AtomicBoolean;
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
    private static final int PACED_ROUNDS = 3;
    private static final int WARM_UP_SECONDS = 10;
    private static final int PACED_SECONDS = 20;
    private static final int CONNECTIONS = 10;
    private static final long COMMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int PACED_TASKS_A_SECOND = 1_000;
    private static final String POOL = "chess";
    private static final String RULE = """
            {"attributes": {"mode": {"type": "text"}, "rating": {"type": "number"}}, "match": [{"equal": "mode"}]}
            """;

    private final DataSource unpooled;
    private final DataSource pooled;
    private final NewTask[] tasks = new NewTask[TASKS];

    private BufferLoad(DataSource unpooled, DataSource pooled) {
        this.unpooled = unpooled;
        this.pooled = pooled;
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
        try (BundledPostgres postgres = BundledPostgres.start(options);
                HikariDataSource pooled = new HikariDataSource()) {
            pooled.setDataSource(postgres.dataSource());
            pooled.setMaximumPoolSize(CONNECTIONS);
            Pgmatch pgmatch = Pgmatch.on(postgres.dataSource());
            pgmatch.migrate();
            pgmatch.createPool(POOL, RULE);
            BufferLoad load = new BufferLoad(postgres.dataSource(), pooled);
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
        empty();
        long start = System.nanoTime();
        work.run();
        double perSecond = count * 1e9 / (System.nanoTime() - start);
        long waiting = Pgmatch.on(pooled).status(POOL).get(0).waiting();
        if (waiting != count) {
            throw new IllegalStateException("wanted " + count + " tasks, got " + waiting);
        }
        return perSecond;
    }

    private void copy() throws SQLException {
        try (Connection connection = pooled.getConnection()) {
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
                TaskBuffer.builder(pooled).waitForRoom(Duration.ofMinutes(1)).build()) {
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
            try (Connection connection = pooled.getConnection();
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

    /**
     * In turns over a pool of connections, as a program has one, and over a new connection for each flush: what a
     * source without a pool costs. A row is committed every 10 ms beside it: what the disk takes by itself.
     */
    private void latency() throws Exception {
        // One throwaway buffer first: the code of this process is compiled when the clock starts.
        paced(pooled, WARM_UP_SECONDS);
        for (int i = 0; i < PACED_ROUNDS; i++) {
            report("a pool of connections", paced(pooled, PACED_SECONDS));
            report("a connection a flush", paced(unpooled, PACED_SECONDS));
        }
    }

    private record Latency(Histogram acknowledged, Histogram committed) {}

    private Latency paced(DataSource source, int seconds) throws Exception {
        empty();
        AtomicBoolean ended = new AtomicBoolean();
        CompletableFuture<Histogram> commits = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        commits.complete(commits(ended));
                    } catch (SQLException e) {
                        commits.completeExceptionally(e);
                    }
                })
                .start();
        try {
            Histogram acknowledged = acknowledged(source, seconds);
            ended.set(true);
            return new Latency(acknowledged, commits.get(1, TimeUnit.MINUTES));
        } finally {
            ended.set(true);
        }
    }

    private Histogram commits(AtomicBoolean ended) throws SQLException {
        Histogram micros = new Histogram(TimeUnit.MINUTES.toMicros(1), 3);
        try (Connection connection = unpooled.getConnection();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO public.beside VALUES (1)")) {
            long start = System.nanoTime();
            for (long due = start; !ended.get(); due += COMMIT_NANOS) {
                awaitTime(due);
                insert.executeUpdate();
                // Late ones count from when they were due, as those of the buffer do.
                micros.recordValue((System.nanoTime() - due) / 1_000);
            }
        }
        return micros;
    }

    private static void awaitTime(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private Histogram acknowledged(DataSource source, int seconds) {
        Histogram micros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(1), 3);
        try (TaskBuffer buffer = TaskBuffer.builder(source).build()) {
            buffer.start();
            long interval = TimeUnit.SECONDS.toNanos(1) / PACED_TASKS_A_SECOND;
            long start = System.nanoTime();
            for (int i = 0; i < seconds * PACED_TASKS_A_SECOND; i++) {
                long due = start + i * interval;
                awaitTime(due);
                CompletableFuture<TaskId> future = buffer.submit(tasks[i]);
                // From when it was due: a producer that falls behind must not hide it.
                future.thenRun(() -> micros.recordValue((System.nanoTime() - due) / 1_000));
            }
        }
        return micros;
    }

    private static void report(String connections, Latency latency) {
        System.out.printf(
                "acknowledged at %d tasks/s, linger 5 ms, %s: %s; a commit of one row beside it: %s (load average %.1f)%n",
                PACED_TASKS_A_SECOND,
                connections,
                shown(latency.acknowledged()),
                shown(latency.committed()),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static String shown(Histogram micros) {
        return "p50 %.1f ms, p99 %.1f ms, max %.1f ms"
                .formatted(
                        micros.getValueAtPercentile(50) / 1e3,
                        micros.getValueAtPercentile(99) / 1e3,
                        micros.getMaxValue() / 1e3);
    }

    private void empty() throws SQLException {
        try (Connection connection = unpooled.getConnection()) {
            connection.createStatement().execute("TRUNCATE pgmatch.tasks, pgmatch.insert_batches, pgmatch.task_tally");
            connection.createStatement().execute("CREATE TABLE IF NOT EXISTS public.beside (n int)");
            connection.createStatement().execute("CHECKPOINT");
        }
    }
}
