package io.pgmatch.buffer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Two queues: producers append to the active one; the writer swaps it for the empty one and drains
 * that. Bounded by tasks and bytes, which count until the task has left for good, so what is being
 * written counts too. Thread-safe; no method but those that are named for it waits for anything but
 * the lock, and the lock is never held for longer than a few hundred nodes take.
 */
final class QueuePair<N extends Node> {
    /*
     * Implementation notes.
     *
     * A node is in one of three places: active, draining, or taken (in the hands of the writer).
     * Until it is taken it can be cancelled, replaced by another with its key, or expire. Moving it
     * is a matter of links, so a swap costs the same whatever the queues hold, and one that goes
     * leaves nothing behind: a producer that submits the same ref for ever fills nothing.
     *
     * The nodes of a batch are admitted, taken and expired in one piece: they are admitted
     * under one lock with one time.
     *
     * drainUnlocked stands by itself so that a test can leave the lock out, and see that its model
     * checker notices.
     */

    /** Taken under one hold of the lock: about 10 µs. A batch is taken at once, whatever its size. */
    private static final int TAKE_SLICE_TASKS_MAX = 512;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Condition work = lock.newCondition();
    private final Condition held = lock.newCondition();
    private final BufferConfig.Room bounds;
    private final BufferConfig.Flushes flushes;
    private final boolean coalescing;

    @GuardedBy("lock")
    private NodeQueue active = new NodeQueue();

    @GuardedBy("lock")
    private NodeQueue draining = new NodeQueue();

    @GuardedBy("lock")
    private final long[] outcomes = new long[Outcome.values().length];

    @GuardedBy("lock")
    private long submitted;

    @GuardedBy("lock")
    private long heldTasks;

    @GuardedBy("lock")
    private long heldBytes;

    @GuardedBy("lock")
    private boolean flushAsked;

    @GuardedBy("lock")
    private boolean closed;

    QueuePair(BufferConfig.Room bounds, BufferConfig.Flushes flushes, boolean coalescing) {
        this.bounds = bounds;
        this.flushes = flushes;
        this.coalescing = coalescing;
    }

    /** Whether a node was admitted. */
    enum Admission {
        ADMITTED,
        FULL,
        CLOSED
    }

    /**
     * The answer to an offer.
     *
     * @param replaced the node with the same key that made way for it
     */
    record Answer<N extends Node>(
            Admission admission, @Nullable N replaced) {}

    /** Appends a node, unless there is no room. */
    Answer<N> offer(N node) {
        lock.lock();
        try {
            if (closed) {
                return new Answer<>(Admission.CLOSED, null);
            }
            N replaced = coalescing && node.key != null ? find(node.key) : null;
            long tasksMore = replaced == null ? 1 : 0;
            long bytesMore = node.bytes - (replaced == null ? 0 : replaced.bytes);
            if (!fits(tasksMore, bytesMore)) {
                return new Answer<>(Admission.FULL, null);
            }
            if (replaced != null) {
                leave(replaced, Outcome.REPLACED);
            }
            admit(node, System.nanoTime());
            return new Answer<>(Admission.ADMITTED, replaced);
        } finally {
            lock.unlock();
        }
    }

    /** Appends nodes of one batch, all or none. */
    Admission offerAll(List<N> batch, long bytes) {
        lock.lock();
        try {
            if (closed) {
                return Admission.CLOSED;
            }
            if (!fits(batch.size(), bytes)) {
                return Admission.FULL;
            }
            long now = System.nanoTime();
            batch.forEach(node -> admit(node, now));
            flushAsked = true;
            work.signal();
            return Admission.ADMITTED;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is room, or {@code nanos} have passed, or the pair is closed; whether there is. */
    boolean awaitRoom(int tasks, long bytes, long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (!fits(tasks, bytes) && !closed) {
                if (left <= 0) {
                    return false;
                }
                left = room.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the node with that key out, if the writer has not taken it; null if there is none. */
    @Nullable
    N cancel(Node.RefKey key) {
        lock.lock();
        try {
            N node = find(key);
            if (node != null) {
                leave(node, Outcome.CANCELLED);
                room.signalAll();
            }
            return node;
        } finally {
            lock.unlock();
        }
    }

    /**
     * For the writer: waits until there is something to flush, because the first task has lingered,
     * or the flush is full, or asked for. False when the pair is closed and empty.
     */
    boolean awaitWork() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                Node first = draining.first() != null ? draining.first() : active.first();
                if (first == null) {
                    if (closed) {
                        return false;
                    }
                    flushAsked = false;
                    work.await();
                    continue;
                }
                long left = flushes.linger().toNanos() - (System.nanoTime() - first.admittedNanos);
                if (left <= 0 || closed || flushAsked || isFlushFull()) {
                    flushAsked = false;
                    return true;
                }
                work.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** For the writer: once the draining queue is empty, the active one takes its place. */
    void swap() {
        lock.lock();
        try {
            if (draining.tasks() == 0) {
                NodeQueue empty = draining;
                draining = active;
                active = empty;
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * For the writer: takes from the draining queue what goes into one flush, in order. Empty when
     * the queue is.
     */
    List<N> drain() {
        List<N> taken = new ArrayList<>();
        long bytes = 0;
        while (true) {
            lock.lock();
            try {
                int before = taken.size();
                bytes = drainUnlocked(taken, bytes);
                if (taken.size() - before < TAKE_SLICE_TASKS_MAX) {
                    return taken;
                }
            } finally {
                lock.unlock();
            }
        }
    }

    @SuppressWarnings("GuardedBy")
    long drainUnlocked(List<N> taken, long bytesBefore) {
        long bytes = bytesBefore;
        Batch batch = taken.isEmpty() ? null : taken.get(0).batch;
        for (int slice = 0; slice < TAKE_SLICE_TASKS_MAX || batch != null; slice++) {
            N node = cast(draining.first());
            if (node == null) {
                break;
            }
            if (taken.isEmpty()) {
                batch = node.batch;
            } else if (node.batch != batch
                    || (batch == null
                            && (taken.size() >= flushes.tasksMax() || bytes + node.bytes > flushes.bytesMax()))) {
                break;
            }
            draining.remove(node);
            bytes += node.bytes;
            taken.add(node);
        }
        return bytes;
    }

    /** Takes out what was admitted before that time and has not been taken. */
    List<N> expire(long admittedBeforeNanos) {
        List<N> expired = new ArrayList<>();
        lock.lock();
        try {
            expire(draining, admittedBeforeNanos, expired);
            expire(active, admittedBeforeNanos, expired);
            if (!expired.isEmpty()) {
                room.signalAll();
            }
            return expired;
        } finally {
            lock.unlock();
        }
    }

    /** Takes out whatever has not been taken. */
    List<N> clear() {
        return expire(System.nanoTime() + TimeUnit.DAYS.toNanos(1));
    }

    /** Counts taken nodes as gone, which makes room. */
    void settled(Settlement settlement) {
        lock.lock();
        try {
            for (Outcome outcome : Outcome.values()) {
                outcomes[outcome.ordinal()] += settlement.tasks(outcome);
            }
            heldTasks -= settlement.tasks();
            heldBytes -= settlement.bytes();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Has the writer not linger over what is queued now. */
    void askFlush() {
        lock.lock();
        try {
            flushAsked = true;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Admits nothing more, and has the writer finish. */
    void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
            room.signalAll();
            held.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** For the clock: waits until something is held, at most so long. */
    void awaitHeld(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (heldTasks == 0 && !closed) {
                held.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    /** How it stands. */
    Standing read() {
        lock.lock();
        try {
            Node first = draining.first() != null ? draining.first() : active.first();
            return new Standing(
                    submitted, outcomes.clone(), heldTasks, heldBytes, first == null ? 0 : first.admittedNanos);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private boolean fits(long tasksMore, long bytesMore) {
        return heldTasks + tasksMore <= bounds.tasksMax() && heldBytes + bytesMore <= bounds.bytesMax();
    }

    @GuardedBy("lock")
    private void admit(N node, long now) {
        node.admittedNanos = now;
        active.add(node);
        submitted++;
        heldBytes += node.bytes;
        if (++heldTasks == 1) {
            held.signal();
        }
        if (active.tasks() == 1 || isFlushFull()) {
            work.signal();
        }
    }

    @GuardedBy("lock")
    private void leave(N node, Outcome outcome) {
        NodeQueue queue = node.queue;
        if (queue == null) {
            throw new IllegalStateException("a node that is in no queue was to leave one");
        }
        queue.remove(node);
        heldTasks--;
        heldBytes -= node.bytes;
        outcomes[outcome.ordinal()]++;
    }

    @GuardedBy("lock")
    private void expire(NodeQueue queue, long admittedBeforeNanos, List<N> expired) {
        for (N node = cast(queue.first());
                node != null && node.admittedNanos - admittedBeforeNanos < 0;
                node = cast(queue.first())) {
            leave(node, Outcome.FAILED);
            expired.add(node);
        }
    }

    @GuardedBy("lock")
    private @Nullable N find(Node.RefKey key) {
        Node node = active.find(key);
        return cast(node != null ? node : draining.find(key));
    }

    @GuardedBy("lock")
    private boolean isFlushFull() {
        return active.tasks() >= flushes.tasksMax() || active.bytes() >= flushes.bytesMax();
    }

    @SuppressWarnings("unchecked")
    private @Nullable N cast(@Nullable Node node) {
        return (N) node;
    }
}
