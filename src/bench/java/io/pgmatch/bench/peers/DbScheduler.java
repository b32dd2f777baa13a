package io.pgmatch.bench.peers;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.event.AbstractSchedulerListener;
import com.github.kagkarlsson.scheduler.serializer.Serializer;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.bench.Bench;
import io.pgmatch.model.PgmatchException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * db-scheduler with its polling strategy lock-and-fetch, and one-time tasks that do nothing: what a job
 * queue costs without any pairing. A job is done when its row is deleted.
 *
 * <p>The strategy takes jobs by one {@code UPDATE … FOR UPDATE SKIP LOCKED … RETURNING}, which marks them as picked,
 * and deletes each when it is done: one transaction for the picking, one for each job. Two fractions of the
 * number of threads say when it picks and how many: once no more than <em>lower × threads</em> are left of those it
 * has picked, it picks as many as make them <em>upper × threads</em>. Its README gives two examples:
 *
 * <ul>
 *   <li>{@code 0.5, 1.0} for normal use: at one thread it picks one, runs it, deletes it, picks the next. Two
 *       transactions a job, as a plain loop would;
 *   <li>{@code 1.0, 4.0} for high throughput, "to keep threads busy": at one thread it picks up to four at a time, and picks
 *       the next while one still runs. That is batching, of up to four a thread, and the best that its authors
 *       recommend.
 * </ul>
 *
 * <p>Both are measured, and it is the better one that pgmatch is compared with. What is fair to it, too: the pools hold as many
 * connections as it can use; the data is written as plain bytes instead of Java's serialization; the index for
 * priorities, which are off, is left out; all jobs are due, so that it never waits for a poll, and the next
 * poll comes after 100 ms instead of 10 s should it come away with nothing because another held what it wanted.
 */
public final class DbScheduler implements Peer {
    /** What {@link #drain} picks and how much: fractions of the threads. */
    public enum Picking {
        /** One a thread. */
        NORMAL(0.5, 1.0),
        /** Up to four a thread. */
        HIGH_THROUGHPUT(1.0, 4.0);

        private final double lower;
        private final double upper;

        Picking(double lower, double upper) {
            this.lower = lower;
            this.upper = upper;
        }

        /** The two fractions. */
        @Override
        public String toString() {
            return "(" + lower + ", " + upper + ")";
        }
    }

    private static final Duration POLLING_INTERVAL = Duration.ofMillis(100);
    private static final Duration STOP_WAIT = Duration.ofSeconds(10);

    /** The picking, the heartbeat and the search for dead ones. */
    private static final int OWN_CONNECTIONS = 3;

    /** Its table for PostgreSQL, without the index for priorities. */
    private static final List<String> CREATE = List.of(
            """
            CREATE TABLE pgmatch_bench.scheduled_tasks (
                task_name            text NOT NULL,
                task_instance        text NOT NULL,
                task_data            bytea,
                execution_time       timestamptz,
                picked               boolean NOT NULL,
                picked_by            text,
                last_success         timestamptz,
                last_failure         timestamptz,
                consecutive_failures integer,
                last_heartbeat       timestamptz,
                version              bigint NOT NULL,
                priority             smallint,
                state                text,
                PRIMARY KEY (task_name, task_instance)
            ) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.1)
            """,
            "CREATE INDEX execution_time_idx ON pgmatch_bench.scheduled_tasks (execution_time)",
            "CREATE INDEX last_heartbeat_idx ON pgmatch_bench.scheduled_tasks (last_heartbeat)");

    private static final String INSERT = """
            INSERT INTO pgmatch_bench.scheduled_tasks
                (task_name, task_instance, task_data, execution_time, picked, version)
            SELECT 'nothing', (row_number() OVER () - 1)::text, convert_to(e.attributes::text, 'UTF8'),
                   now() - interval '1 hour' + row_number() OVER () * interval '1 microsecond', false, 1
            FROM (%s) AS e
            """.formatted(Elements.ATTRIBUTES);

    private final int threads;
    private final Picking picking;
    private AtomicIntegerArray done = new AtomicIntegerArray(0);

    /** So many threads. */
    public DbScheduler(int threads, Picking picking) {
        this.threads = threads;
        this.picking = picking;
    }

    @Override
    public String name() {
        return "db-scheduler";
    }

    @Override
    public String settings() {
        return "lock-and-fetch %s; %d thread%s".formatted(picking, threads, threads == 1 ? "" : "s");
    }

    @Override
    public void load(Bench bench, int jobs) {
        remove(bench);
        bench.sql().execute(Elements.CREATE_SCHEMA);
        CREATE.forEach(statement -> bench.sql().execute(statement));
        bench.sql().execute(INSERT, jobs);
        bench.sql().execute("VACUUM ANALYZE pgmatch_bench.scheduled_tasks");
    }

    @Override
    public void remove(Bench bench) {
        bench.sql().execute(Elements.DROP_SCHEMA);
    }

    @Override
    public double drain(Bench bench, int jobs) throws Exception {
        done = new AtomicIntegerArray(jobs);
        CountDownLatch left = new CountDownLatch(jobs);
        AtomicInteger failed = new AtomicInteger();
        OneTimeTask<String> nothing = Tasks.oneTime("nothing", String.class)
                .execute((job, context) -> done.incrementAndGet(Integer.parseInt(job.getId())));
        try (HikariDataSource connections = bench.open(threads + OWN_CONNECTIONS)) {
            Scheduler scheduler = Scheduler.create(connections, nothing)
                    .tableName("pgmatch_bench.scheduled_tasks")
                    .schedulerName(new SchedulerName.Fixed("bench"))
                    .threads(threads)
                    .pollUsingLockAndFetch(picking.lower, picking.upper)
                    .pollingInterval(POLLING_INTERVAL)
                    .serializer(new PlainText())
                    .shutdownMaxWait(STOP_WAIT)
                    .addSchedulerListener(new AbstractSchedulerListener() {
                        @Override
                        public void onExecutionComplete(ExecutionComplete complete) {
                            if (complete.getResult() == ExecutionComplete.Result.FAILED) {
                                failed.incrementAndGet();
                            }
                            left.countDown();
                        }
                    })
                    .build();
            long start = System.nanoTime();
            scheduler.start();
            try {
                if (!left.await(Crew.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    throw new TimeoutException(
                            "db-scheduler: " + left.getCount() + " jobs are left after " + Crew.PATIENCE);
                }
                double seconds = (System.nanoTime() - start) / 1e9;
                if (failed.get() > 0) {
                    throw new PgmatchException("bench: db-scheduler: " + failed + " jobs failed");
                }
                return seconds;
            } finally {
                scheduler.stop();
            }
        }
    }

    @Override
    public void check(Bench bench, int jobs) {
        for (int i = 0; i < jobs; i++) {
            if (done.get(i) != 1) {
                throw new PgmatchException("bench: db-scheduler ran job " + i + " " + done.get(i) + " times");
            }
        }
        long left = bench.sql().number("SELECT count(*) FROM pgmatch_bench.scheduled_tasks");
        if (left != 0) {
            throw new PgmatchException("bench: db-scheduler left " + left + " jobs");
        }
    }

    /** Data as it is in the table. */
    private static final class PlainText implements Serializer {
        @Override
        public byte[] serialize(Object data) {
            return data.toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public <T> T deserialize(Class<T> type, byte[] serialized) {
            return type.cast(new String(serialized, StandardCharsets.UTF_8));
        }
    }
}
