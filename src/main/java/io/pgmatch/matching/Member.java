package io.pgmatch.matching;

import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.Subject;
import org.jspecify.annotations.Nullable;

/** A task that a round knows of. Used by the round's thread only. */
final class Member {
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

    Standing standing;

    @Nullable
    Member partner;

    Member(WaitingTask task, @Nullable Subject subject, Standing standing) {
        this.task = task;
        this.subject = subject;
        this.standing = standing;
    }

    long id() {
        return task.id();
    }

    boolean isHeld() {
        return standing == Standing.CLAIMED || standing == Standing.TAKEN;
    }

    boolean isFree() {
        return partner == null && standing != Standing.CONTENDED;
    }
}
