package io.pgmatch;

import io.pgmatch.buffer.BufferConfig;
import io.pgmatch.buffer.Buffering;
import io.pgmatch.model.BatchReceipt;
import io.pgmatch.model.BufferSnapshot;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.TaskId;
import io.pgmatch.store.Database;
import io.pgmatch.store.Schema;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;

/**
 * For programs that insert many tasks: callers append to a queue in memory and go on; one thread inserts
 * in bulk, and answers each caller once its task is durable.
 *
 * <pre>{@code
 * try (TaskBuffer buffer = TaskBuffer.builder(dataSource).build()) {
 *     buffer.start();
 *     buffer.submit(new NewTask("chess", "seek-1", "{\"rating\": 1500}", null))
 *             .thenAcceptAsync(id -> …);
 * }
 * }</pre>
 *
 * <p>An acknowledged task is durable. A future that does not get an id gets a {@link
 * io.pgmatch.model.TaskNotInsertedException}, which says whether the task was certainly not inserted, or
 * nobody knows. A process that dies loses what it has not acknowledged.
 *
 * <p>Futures complete on threads of the buffer: what hangs on them must not block; use the {@code
 * …Async} methods for what does. Thread-safe.
 */
public final class TaskBuffer implements AutoCloseable {
    private final Database database;
    private final BufferConfig config;
    private final Buffering buffering;
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    private final CountDownLatch closed = new CountDownLatch(1);

    private enum State {
        NEW,
        STARTING,
        RUNNING,
        CLOSED
    }

    private TaskBuffer(Database database, BufferConfig config) {
        this.database = database;
        this.config = config;
        this.buffering = new Buffering(database, config);
    }

    /**
     * A buffer with the default settings.
     *
     * @param dataSource where connections come from, in autocommit mode; two at a time. Best a pool: each
     *     flush takes one, and to open it would take longer than the flush
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    /** Starts to take tasks. The schema must be the one that this build was made for. */
    public void start() {
        if (state.get() == State.NEW) {
            new Schema(database).require();
        }
        if (state.compareAndSet(State.NEW, State.STARTING)) {
            startThreads();
            if (!state.compareAndSet(State.STARTING, State.RUNNING)) {
                // Closed meanwhile, by a thread that left the stopping to this one.
                stop();
            }
        } else if (state.get() == State.CLOSED) {
            throw new PgmatchException("the buffer is closed; build another");
        }
    }

    /**
     * Takes a task, and returns at once unless the buffer is full. Never touches the database.
     *
     * @return completes by the delivery deadline: with the id, once the task is committed; else with a {@link
     *     io.pgmatch.model.TaskNotInsertedException}
     * @throws io.pgmatch.model.BufferFullException if there is no room, nor after the wait for it
     */
    public CompletableFuture<TaskId> submit(NewTask task) {
        requireStarted();
        return buffering.submit(task);
    }

    /**
     * Takes tasks that belong together: they go into one transaction, in this order, and only once,
     * however often they are submitted under this id, by whichever process. They are not replaced, nor
     * cancelled.
     *
     * @param batchId names the batch within its pool; a random one if it is never to be repeated
     * @param tasks of one pool; no more than go into one flush
     */
    public CompletableFuture<BatchReceipt> submitBatch(UUID batchId, List<NewTask> tasks) {
        requireStarted();
        return buffering.submitBatch(batchId, tasks);
    }

    /**
     * Takes a task back that has not been sent yet, without any SQL; its future says so.
     *
     * @return whether there was one; if not, it may be on its way: wait for its future, and cancel it by its
     *     id with {@link Pgmatch#cancel}
     */
    public boolean cancel(String pool, String ref) {
        return buffering.cancel(pool, ref);
    }

    /** Has what is queued now sent without waiting for more to go with it. Returns at once. */
    public void flush() {
        buffering.flush();
    }

    /** How the buffer stood a moment ago. Costs one volatile read. */
    public BufferSnapshot snapshot() {
        return buffering.snapshot();
    }

    /** Its settings. */
    public BufferConfig config() {
        return config;
    }

    /**
     * Takes nothing more, writes what it holds, and completes every future. Returns within the close
     * timeout, whatever the database does. May be called again, before the start, and by several threads:
     * each returns when it is closed.
     */
    @Override
    public void close() {
        State before = state.getAndSet(State.CLOSED);
        switch (before) {
            case NEW -> {
                buffering.stopUnstarted();
                closed.countDown();
            }
            case RUNNING -> stop();
            case STARTING, CLOSED -> awaitClosed();
        }
    }

    private void startThreads() {
        try {
            buffering.start();
        } catch (RuntimeException | Error e) {
            state.set(State.CLOSED);
            closed.countDown();
            throw e;
        }
    }

    private void stop() {
        try {
            buffering.stop();
        } finally {
            closed.countDown();
        }
    }

    private void awaitClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void requireStarted() {
        if (state.get() == State.NEW) {
            throw new PgmatchException("the buffer is not started; call start() first");
        }
    }

    /** Collects the settings of a buffer. Not thread-safe. */
    public static final class Builder {
        private final DataSource dataSource;
        private BufferConfig.Room room = BufferConfig.DEFAULT.room();
        private BufferConfig.Flushes flushes = BufferConfig.DEFAULT.flushes();
        private BufferConfig.Patience patience = BufferConfig.DEFAULT.patience();
        private boolean coalescing = BufferConfig.DEFAULT.coalescing();

        private Builder(DataSource dataSource) {
            this.dataSource = dataSource;
        }

        /** Most tasks that it holds, those being written included; by default 100,000. */
        public Builder bufferTasksMax(int tasksMax) {
            room = new BufferConfig.Room(tasksMax, room.bytesMax(), room.patience());
            return this;
        }

        /** Most bytes that it holds; by default 64 MiB. */
        public Builder bufferBytesMax(long bytesMax) {
            room = new BufferConfig.Room(room.tasksMax(), bytesMax, room.patience());
            return this;
        }

        /** How long a submission waits for room; by default 10 s. */
        public Builder waitForRoom(Duration wait) {
            room = new BufferConfig.Room(room.tasksMax(), room.bytesMax(), wait);
            return this;
        }

        /** Has a submission to a full buffer refused at once. */
        public Builder refuseWhenFull() {
            return waitForRoom(Duration.ZERO);
        }

        /** How long a task waits for others to go with it; by default 5 ms. */
        public Builder lingerMillis(long lingerMillis) {
            flushes = new BufferConfig.Flushes(Duration.ofMillis(lingerMillis), flushes.tasksMax(), flushes.bytesMax());
            return this;
        }

        /** Most tasks in one transaction; by default 10,000. */
        public Builder flushTasksMax(int tasksMax) {
            flushes = new BufferConfig.Flushes(flushes.linger(), tasksMax, flushes.bytesMax());
            return this;
        }

        /** Most bytes in one transaction; by default 8 MiB. */
        public Builder flushBytesMax(long bytesMax) {
            flushes = new BufferConfig.Flushes(flushes.linger(), flushes.tasksMax(), bytesMax);
            return this;
        }

        /** When every future is complete, counted from its submission; by default 30 s. */
        public Builder deliveryTimeout(Duration delivery) {
            patience = new BufferConfig.Patience(delivery, patience.attempt(), patience.close(), patience.reading());
            return this;
        }

        /** How long a transaction may make no progress before it is tried again; by default 10 s. */
        public Builder attemptTimeout(Duration attempt) {
            patience = new BufferConfig.Patience(patience.delivery(), attempt, patience.close(), patience.reading());
            return this;
        }

        /** When {@code close} returns at the latest; by default after 15 s. */
        public Builder closeTimeout(Duration close) {
            patience = new BufferConfig.Patience(patience.delivery(), patience.attempt(), close, patience.reading());
            return this;
        }

        /** How often the pools are read for the snapshot; by default every 5 s; zero for never. */
        public Builder readPoolsEvery(Duration reading) {
            patience = new BufferConfig.Patience(patience.delivery(), patience.attempt(), patience.close(), reading);
            return this;
        }

        /** Whether a task replaces an earlier one with its pool and ref that has not been sent; by default yes. */
        public Builder coalescing(boolean coalescing) {
            this.coalescing = coalescing;
            return this;
        }

        /** The buffer, not started. */
        public TaskBuffer build() {
            return new TaskBuffer(new Database(dataSource), new BufferConfig(room, flushes, patience, coalescing));
        }
    }
}
