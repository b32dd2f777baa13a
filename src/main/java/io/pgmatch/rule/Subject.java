package io.pgmatch.rule;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A task as the judge sees it: its attributes read by the rule that made it, and since when it waits.
 * Only for that rule. Immutable and safe for use by several threads.
 */
public final class Subject {
    private final long id;
    private final Instant insertedAt;
    private final @Nullable Object[] values;

    /** A subject whose values stand in the slots of the attributes; the array is not copied. */
    Subject(long id, Instant insertedAt, @Nullable Object[] values) {
        this.id = id;
        this.insertedAt = insertedAt;
        this.values = values;
    }

    /** The task's id. */
    public long id() {
        return id;
    }

    /** Since when the task waits, by the database's clock. */
    public Instant insertedAt() {
        return insertedAt;
    }

    /** What the task has of the attribute, in the type that {@link ValueReader} reads; null if nothing. */
    @Nullable
    Object value(Attribute attribute) {
        return values[attribute.slot()];
    }

    @Override
    public String toString() {
        return "task " + id;
    }
}
