package io.pgmatch.buffer;

import io.pgmatch.model.BufferSnapshot;
import io.pgmatch.model.NewTask;
import io.pgmatch.store.Database;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * What a submission costs its caller, with eight callers at once that do nothing else. What the writer
 * takes it acknowledges without a database, so that the buffer does not fill up.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Threads(8)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgs = {"-Xmx2g", "-XX:+UseParallelGC"})
public class SubmitBenchmark {
    private static final int TASKS = 1 << 14;
    private static final int BUFFER_TASKS_MAX = 2_000_000;

    /** Whether tasks have a ref, by which they replace one another and can be cancelled. */
    @Param({"false", "true"})
    public boolean ref;

    private Buffering buffering;

    /** The tasks of a caller. */
    @State(Scope.Thread)
    public static class Caller {
        private final NewTask[] tasks = new NewTask[TASKS];
        private int next;

        /** Makes the tasks: that is the caller's own work. */
        @Setup
        public void make(SubmitBenchmark benchmark) {
            String caller = Thread.currentThread().getName();
            for (int i = 0; i < TASKS; i++) {
                tasks[i] = new NewTask(
                        "chess",
                        benchmark.ref ? caller + "-" + i : null,
                        "{\"mode\": \"blitz\", \"rating\": " + i + ", \"player\": \"player-" + i + "\"}",
                        null);
            }
        }

        private NewTask next() {
            return tasks[next++ & TASKS - 1];
        }
    }

    private static final class Acknowledging implements Sink {
        @Override
        public Trial attempt(Flush flush) {
            return Trial.of(flush.inHand(), Collections.nCopies(flush.inHand().size(), 1L), Map.of());
        }

        @Override
        public void abort() {}
    }

    /** Starts a buffer without a database. */
    @Setup(Level.Iteration)
    public void start() {
        BufferConfig defaults = BufferConfig.DEFAULT;
        BufferConfig config = new BufferConfig(
                new BufferConfig.Room(BUFFER_TASKS_MAX, 1L << 30, Duration.ofSeconds(10)),
                defaults.flushes(),
                new BufferConfig.Patience(
                        Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(20), Duration.ZERO),
                true);
        buffering = new Buffering(new Database(new PGSimpleDataSource()), config, new Acknowledging());
        buffering.start();
    }

    /** Closes it. */
    @TearDown(Level.Iteration)
    public void stop() {
        buffering.stop();
    }

    /** One submission. */
    @Benchmark
    public Object submit(Caller caller) {
        return buffering.submit(caller.next());
    }

    /** One reading of the snapshot, beside nothing. */
    @Benchmark
    @Threads(1)
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public BufferSnapshot snapshot() {
        return buffering.snapshot();
    }
}
