package io.pgmatch.buffer;

import io.pgmatch.model.BatchReceipt;
import io.pgmatch.model.BufferFullException;
import io.pgmatch.model.BufferSnapshot;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.TaskId;
import io.pgmatch.store.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A buffer's queues and threads. Started once and stopped once; the rest is for any thread.
 */
public final class Buffering {
    private static final Duration CUT_PATIENCE_MAX = Duration.ofSeconds(1);
    private static final int CUT_PARTS = 5;

    private final BufferConfig config;
    private final QueuePair<Entry> pair;
    private final Writer writer;
    private final Clock clock;
    private final PoolReader reader;
    private final Thread writing;
    private final List<Thread> threads = new ArrayList<>();

    /** Buffering that is not started yet. */
    public Buffering(Database database, BufferConfig config) {
        this(database, config, new DatabaseSink(database, config.patience().attempt()));
    }

    Buffering(Database database, BufferConfig config, Sink sink) {
        this.config = config;
        this.pair = new QueuePair<>(config.room(), config.flushes(), config.coalescing());
        this.writer = new Writer(pair, sink, new Figures());
        this.clock = new Clock(pair, writer, config.patience());
        this.reader =
                new PoolReader(database, writer.publisher(), config.patience().reading());
        this.writing = thread(writer, "writer");
        threads.add(thread(clock, "clock"));
        if (!config.patience().reading().isZero()) {
            threads.add(thread(reader, "reader"));
        }
    }

    private static Thread thread(Runnable work, String name) {
        Thread thread = new Thread(work, "pgmatch-buffer-" + name);
        // A database that hangs must not keep the process of a closed buffer alive.
        thread.setDaemon(true);
        return thread;
    }

    /** Starts the threads. */
    public void start() {
        writing.start();
        threads.forEach(Thread::start);
    }

    /** Takes a task; its future completes by the delivery deadline. */
    public CompletableFuture<TaskId> submit(NewTask task) {
        SingleEntry entry = new SingleEntry(task);
        QueuePair.Answer<Entry> answer = pair.offer(entry);
        if (answer.admission() == QueuePair.Admission.FULL) {
            answer = offerPatiently(1, entry.bytes, () -> pair.offer(entry));
        }
        requireOpen(answer.admission());
        Entry replaced = answer.replaced();
        if (replaced != null) {
            replaced.reject(Outcome.REPLACED, "replaced by a later task with the same ref before it was sent");
            replaced.answer();
        }
        return entry.future;
    }

    /** Takes tasks that go into one transaction under that id, and only once ever. */
    public CompletableFuture<BatchReceipt> submitBatch(UUID batchId, List<NewTask> tasks) {
        checkBatch(tasks);
        Batch batch = new Batch(batchId, tasks);
        QueuePair.Admission admission = pair.offerAll(batch.members(), batch.bytes());
        if (admission == QueuePair.Admission.FULL) {
            admission = offerPatiently(
                            tasks.size(),
                            batch.bytes(),
                            () -> new QueuePair.Answer<>(pair.offerAll(batch.members(), batch.bytes()), null))
                    .admission();
        }
        requireOpen(admission);
        return batch.future;
    }

    /** Takes a task out that has not been sent; whether there was one. */
    public boolean cancel(String pool, String ref) {
        Entry entry = pair.cancel(new Node.RefKey(pool, ref));
        if (entry == null) {
            return false;
        }
        entry.reject(Outcome.CANCELLED, "cancelled before it was sent");
        entry.answer();
        return true;
    }

    /** Has the writer not linger. */
    public void flush() {
        pair.askFlush();
    }

    /** How things stand. */
    public BufferSnapshot snapshot() {
        return writer.publisher().latest();
    }

    /** Takes nothing more, for a buffer that was never started. */
    public void stopUnstarted() {
        pair.close();
    }

    /**
     * Takes nothing more, writes what there is, and gives up what cannot be written in time. Returns
     * when every future is complete.
     */
    public void stop() {
        pair.close();
        long patience = config.patience().close().toNanos();
        long reserve = Math.min(patience / CUT_PARTS, CUT_PATIENCE_MAX.toNanos());
        long deadline = System.nanoTime() + patience;
        boolean ended = join(writing, deadline - reserve);
        if (!ended) {
            writer.halt(writing);
            ended = join(writing, deadline - reserve / 2);
        }
        reader.stop();
        clock.stop();
        for (Thread thread : threads) {
            join(thread, deadline);
        }
        writer.publisher().publish();
    }

    private QueuePair.Answer<Entry> offerPatiently(int tasks, long bytes, Supplier<QueuePair.Answer<Entry>> offer) {
        BufferConfig.Room room = config.room();
        long start = System.nanoTime();
        long patience = room.patience().toNanos();
        // What can never fit, and what nobody but this thread could make room for, is not waited for.
        if (tasks <= room.tasksMax() && bytes <= room.bytesMax() && !isOurs(Thread.currentThread())) {
            try {
                while (pair.awaitRoom(tasks, bytes, patience - (System.nanoTime() - start))) {
                    QueuePair.Answer<Entry> answer = offer.get();
                    if (answer.admission() != QueuePair.Admission.FULL) {
                        return answer;
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Standing standing = pair.read();
        throw new BufferFullException(
                standing.heldTasks(),
                room.tasksMax(),
                standing.heldBytes(),
                room.bytesMax(),
                patience == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - start));
    }

    private boolean isOurs(Thread thread) {
        return thread == writing || threads.contains(thread);
    }

    private void checkBatch(List<NewTask> tasks) {
        int max = Math.min(config.flushes().tasksMax(), config.room().tasksMax());
        if (tasks.isEmpty() || tasks.size() > max) {
            throw new PgmatchException("batch: wanted 1 to " + max + " tasks, got " + tasks.size());
        }
        String pool = tasks.get(0).pool();
        for (NewTask task : tasks) {
            if (!task.pool().equals(pool)) {
                throw new PgmatchException(
                        "batch: wanted tasks of one pool, got \"" + pool + "\" and \"" + task.pool() + "\"");
            }
        }
    }

    private static void requireOpen(QueuePair.Admission admission) {
        if (admission == QueuePair.Admission.CLOSED) {
            throw new PgmatchException("the buffer is closed; it takes no more tasks");
        }
    }

    private static boolean join(Thread thread, long deadlineNanos) {
        boolean interrupted = false;
        long left = deadlineNanos - System.nanoTime();
        while (left > 0 && thread.isAlive()) {
            try {
                // Zero would mean for ever.
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
            } catch (InterruptedException e) {
                // This is bounded as it is, and giving up would lose tasks.
                interrupted = true;
            }
            left = deadlineNanos - System.nanoTime();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }
}
