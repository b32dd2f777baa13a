package io.pgmatch.buffer;

import io.pgmatch.store.DatabaseException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that takes tasks out of the queues, has them written in order, and answers each. It
 * tries a flush again until it is decided or nobody waits for it.
 */
final class Writer implements Runnable {
    private final QueuePair<Entry> pair;
    private final Sink sink;
    private final Figures figures;
    private final Publisher publisher;
    private final Outage outage = new Outage();

    /** Written by the writer's thread only. */
    private volatile @Nullable Flush current;

    /** Set once, by who closes the buffer and waits no longer. */
    private volatile boolean halted;

    Writer(QueuePair<Entry> pair, Sink sink, Figures figures) {
        this.pair = pair;
        this.sink = sink;
        this.figures = figures;
        this.publisher = new Publisher(pair, figures, () -> current);
    }

    Publisher publisher() {
        return publisher;
    }

    @Override
    public void run() {
        try {
            while (pair.awaitWork()) {
                pair.swap();
                for (List<Entry> taken = pair.drain(); !taken.isEmpty(); taken = pair.drain()) {
                    deliver(new Flush(taken));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The flush in hand. For any thread. */
    @Nullable
    Flush current() {
        return current;
    }

    /** Cuts the attempt under way. For any thread. */
    void cut() {
        sink.abort();
    }

    /**
     * Cuts the attempt under way and gives up everything, now and from now on. For the thread that closes
     * the buffer.
     */
    void halt(Thread thread) {
        halted = true;
        tellExpired(pair.clear(), "before the buffer was closed");
        Flush flush = current;
        if (flush != null) {
            answer(giveUpAll(flush));
        }
        cut();
        thread.interrupt();
    }

    /** Counts decided tasks, then tells whoever waits. For any thread that decided them. */
    void answer(Answers answers) {
        if (!answers.isEmpty()) {
            pair.settled(answers.settlement());
            publisher.publish();
            answers.tell();
        }
    }

    private void deliver(Flush flush) {
        current = flush;
        try {
            if (halted) {
                answer(giveUpAll(flush));
            }
            for (boolean again = false; flush.begin(); again = true) {
                if (again) {
                    figures.countRepeat();
                }
                if (attempt(flush)) {
                    return;
                }
            }
        } finally {
            current = null;
        }
    }

    /** Tries once; whether the flush is decided. */
    private boolean attempt(Flush flush) {
        try {
            Trial trial = sink.attempt(flush);
            Answers answers = flush.committed(trial);
            outage.succeeded();
            figures.record(flush, trial);
            current = null;
            answer(answers);
            return true;
        } catch (DatabaseException e) {
            return failed(flush, e);
        } catch (RuntimeException | Error e) {
            outage.broken(e);
            if (flush.ended(e.toString())) {
                pause(new IllegalStateException(e));
                return false;
            }
            answer(flush.fail(e.toString()));
            return true;
        }
    }

    private boolean failed(Flush flush, DatabaseException e) {
        boolean undecided = flush.ended(e.reason());
        if (e.blamesData() && !undecided && flush.refusedLine() < 0) {
            flush.lookForRefused(e.copyLine());
            return false;
        }
        if (undecided || e.isTransient() || e.isConflict()) {
            pause(e);
            return false;
        }
        outage.refused(flush.inHand().size(), e);
        answer(flush.fail(e.reason()));
        return true;
    }

    private void pause(RuntimeException e) {
        long nanos = outage.failed(e);
        if (!halted) {
            LockSupport.parkNanos(this, nanos);
        }
    }

    /** Tasks that left the queues undelivered, which the pair has counted already. */
    static void tellExpired(List<Entry> entries, String when) {
        for (Entry entry : entries) {
            entry.reject(Outcome.FAILED, "not sent " + when + ", the database being busy or away; it was not inserted");
        }
        entries.forEach(Entry::answer);
    }

    private static Answers giveUpAll(Flush flush) {
        return flush.giveUp(System.nanoTime() + Long.MAX_VALUE / 4, "before the buffer was closed");
    }
}
