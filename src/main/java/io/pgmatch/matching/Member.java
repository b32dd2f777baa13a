package io.pgmatch.matching;

import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.Stretch;
import io.pgmatch.rule.Subject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A task that a round knows of. Used by the round's thread only. */
final class Member {
    /** What the round may do with the task. */
    enum Standing {
        /** Claimed at the start, so the round searches on its behalf. */
        CLAIMED,
        /** The round's as a partner. */
        TAKEN,
        /** Read without a lock. */
        SEEN,
        /** Could not be locked: somebody else holds it, or it is gone. */
        CONTENDED
    }

    final WaitingTask task;

    /** Null if the judge cannot read the task. */
    final @Nullable Subject subject;

    /** Where its partners lie in each bucket that it seeks, in their order; empty if nowhere. */
    final List<Stretch> stretches;

    /** Where the members of its bucket lie that are free. */
    final Shelf shelf;

    Standing standing;

    @Nullable
    Member partner;

    Member(WaitingTask task, @Nullable Subject subject, List<Stretch> stretches, Shelf shelf, Standing standing) {
        this.task = task;
        this.subject = subject;
        this.stretches = stretches;
        this.shelf = shelf;
        this.standing = standing;
    }

    long id() {
        return task.id();
    }

    double rank() {
        return task.rank();
    }

    boolean isHeld() {
        return standing == Standing.CLAIMED || standing == Standing.TAKEN;
    }

    boolean isFree() {
        return partner == null && standing != Standing.CONTENDED;
    }

    /** How many buckets it seeks. */
    int soughtCount() {
        return stretches.size();
    }

    /** One of the buckets that it seeks. */
    long sought(int index) {
        return task.seeks()[index];
    }

    /** Whether its partners may be in that bucket. */
    boolean seeks(long bucket) {
        for (int i = 0; i < soughtCount(); i++) {
            if (sought(i) == bucket) {
                return true;
            }
        }
        return false;
    }

    /** Whether the other lies where this one's partners may be. */
    boolean looksAt(Member other) {
        for (int i = 0; i < soughtCount(); i++) {
            if (sought(i) == other.task.bucket() && stretches.get(i).ranks().contains(other.rank())) {
                return true;
            }
        }
        return false;
    }
}
