package io.pgmatch.matching;

import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.RankRange;
import io.pgmatch.rule.Subject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A task that a round knows of. Used by the round's thread only. */
final class Member {
    private static final long[] NONE = {};

    /** What the round may do with the task. */
    enum Standing {
        /** Claimed at the start, so the round searches on its behalf. */
        CLAIMED,
        /** Locked as a partner. */
        TAKEN,
        /** Read without a lock. */
        SEEN,
        /** Could not be locked: somebody else holds it, or it is gone. */
        CONTENDED
    }

    final WaitingTask task;

    /** Null if the judge cannot read the task. */
    final @Nullable Subject subject;

    /** Where its partners lie in each bucket that it seeks. */
    final RankRange range;

    Standing standing;

    @Nullable
    Member partner;

    Member(WaitingTask task, @Nullable Subject subject, RankRange range, Standing standing) {
        this.task = task;
        this.subject = subject;
        this.range = range;
        this.standing = standing;
    }

    /** A point in the order of (rank, id), to compare members with. */
    static Member edge(double rank, long id) {
        WaitingTask nobody = new WaitingTask(id, 0, NONE, rank, false, null, Instant.EPOCH);
        return new Member(nobody, null, RankRange.NONE, Standing.CONTENDED);
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

    boolean seeks(long bucket) {
        for (long sought : task.seeks()) {
            if (sought == bucket) {
                return true;
            }
        }
        return false;
    }
}
