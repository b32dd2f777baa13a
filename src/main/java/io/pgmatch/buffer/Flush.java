package io.pgmatch.buffer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that are written in one transaction, and what is known of it. The writer tries until one of
 * its transactions has committed or nobody waits any more; meanwhile the clock gives those up whose time
 * has come. The monitor is held for moments, never during I/O.
 */
final class Flush {
    /*
     * Implementation notes.
     *
     * A transaction is entered in the ledger before anything else, so a later one of the same flush
     * gets past the ledger only if no earlier one has committed, nor ever will. Hence only the last
     * trial that got past it can have committed, and one trial is all there is to remember.
     *
     * Whoever gives up a task says "failed" only if no transaction with it can commit any more:
     * between two attempts, when the last one certainly came to nothing. A task that was given up is
     * in no later attempt, so what was said stays true. All of a batch is given up at the same time,
     * since it was admitted at the same time: a ledger entry never stands for a part of it.
     */

    private final UUID batchId;
    private final List<Entry> entries;
    private final long startedNanos = System.nanoTime();

    @GuardedBy("this")
    private boolean sending;

    @GuardedBy("this")
    private boolean undecided;

    @GuardedBy("this")
    private String fault = "the database did not answer";

    /** The tasks of the attempt under way. Written and read by the writer only. */
    private List<Entry> inHand = List.of();

    /** The last trial past the ledger. Written and read by the writer only. */
    private @Nullable Trial trial;

    /** Where the first attempt met a refusal, 0 if that is not known, -1 if none has. The writer's. */
    private int refusedLine = -1;

    /** When the attempt last got on. Written by the writer, read by the clock. */
    private volatile long progressNanos;

    Flush(List<Entry> entries) {
        this.entries = entries;
        Batch batch = entries.get(0).batch;
        this.batchId = batch == null ? UUID.randomUUID() : batch.id();
    }

    UUID batchId() {
        return batchId;
    }

    /** Whether the batch id is the caller's: then it is kept, for a repeat at any time. */
    boolean isBatch() {
        return entries.get(0).batch != null;
    }

    long startedNanos() {
        return startedNanos;
    }

    long admittedNanos() {
        return entries.get(0).admittedNanos;
    }

    /** Begins an attempt with all that somebody still waits for; false if that is nobody. */
    boolean begin() {
        progressNanos = System.nanoTime();
        synchronized (this) {
            inHand = entries.stream().filter(entry -> !entry.isDecided()).toList();
            sending = !inHand.isEmpty();
            return sending;
        }
    }

    List<Entry> inHand() {
        return inHand;
    }

    void progress() {
        progressNanos = System.nanoTime();
    }

    /** Whether an attempt is under way that has not got on for so long. */
    synchronized boolean isStuck(long nanos) {
        return sending && System.nanoTime() - progressNanos > nanos;
    }

    /** The attempt has got past the ledger: no earlier one has committed. */
    void entered() {
        trial = null;
        synchronized (this) {
            undecided = false;
        }
    }

    /** The commit goes out now; from here on only the ledger knows. */
    void committing(Trial what) {
        trial = what;
        synchronized (this) {
            undecided = true;
        }
    }

    @Nullable
    Trial trial() {
        return trial;
    }

    /** The attempt ended with an error; whether its transaction may have committed nevertheless. */
    synchronized boolean ended(String why) {
        sending = false;
        fault = why;
        return undecided;
    }

    /** From now on refused tasks are looked for one by one. */
    void lookForRefused(int line) {
        refusedLine = line;
    }

    int refusedLine() {
        return refusedLine;
    }

    /** Decides what a committed trial decides. */
    synchronized Answers committed(Trial what) {
        sending = false;
        undecided = false;
        Answers answers = new Answers();
        Batch batch = entries.get(0).batch;
        if (batch != null && what.insertedEarlier() >= 0) {
            batch.setRepeated();
        }
        for (int i = 0; i < what.entries().size(); i++) {
            Entry entry = what.entries().get(i);
            if (entry.isDecided()) {
                continue;
            }
            String refusal = what.refusals().get(i);
            if (what.insertedEarlier() >= 0) {
                decideEarlier(entry, i < what.insertedEarlier());
            } else if (refusal != null) {
                entry.reject(Outcome.REFUSED, refusal);
            } else {
                entry.acknowledge(what.ids().get(i));
            }
            answers.add(entry);
        }
        return answers;
    }

    private static void decideEarlier(Entry entry, boolean inserted) {
        if (inserted) {
            entry.acknowledge(0);
        } else {
            entry.reject(Outcome.REFUSED, "not inserted when its batch was first sent");
        }
    }

    /** Fails what is undecided: the database will not have it, for a reason that is not the task's. */
    synchronized Answers fail(String why) {
        Answers answers = new Answers();
        for (Entry entry : entries) {
            if (!entry.isDecided()) {
                entry.reject(Outcome.FAILED, why + "; it was not inserted");
                answers.add(entry);
            }
        }
        return answers;
    }

    /**
     * Gives up what was admitted before that time.
     *
     * @param when how a message says why it is now
     */
    synchronized Answers giveUp(long admittedBeforeNanos, String when) {
        Answers answers = new Answers();
        for (Entry entry : entries) {
            if (!entry.isDecided() && entry.admittedNanos - admittedBeforeNanos < 0) {
                if (sending || undecided) {
                    entry.reject(
                            Outcome.UNKNOWN,
                            "no answer to its insert " + when + ": " + fault + "; it may have been inserted");
                } else {
                    entry.reject(Outcome.FAILED, "not delivered " + when + ": " + fault + "; it was not inserted");
                }
                answers.add(entry);
            }
        }
        return answers;
    }
}
