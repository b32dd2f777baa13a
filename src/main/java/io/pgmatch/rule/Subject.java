package io.pgmatch.rule;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A task as the judge sees it: its attributes read by the rule that made it, and since when it
 * waits. Only for that rule. Immutable and safe for use by several threads.
 */
public final class Subject {
    private final long id;
    private final Instant insertedAt;
    private final Attributes attributes;
    private final @Nullable Object[] values;

    /** A subject whose values stand in the slots of the attributes; the array is not copied. */
    Subject(long id, Instant insertedAt, Attributes attributes, @Nullable Object[] values) {
        this.id = id;
        this.insertedAt = insertedAt;
        this.attributes = attributes;
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

    /**
     * What the task has of a declared attribute, defaults applied: text as {@link String}, number
     * as {@link java.math.BigDecimal}, boolean as {@link Boolean}, set as an unmodifiable {@link
     * java.util.Set} of String and BigDecimal, range as {@link Range}, time as {@link Instant}.
     * Null if it lacks an optional one. Meant for {@link PairCondition}: a rule without conditions
     * written in Java reads only what it looks at itself, and the rest is null.
     *
     * @throws IllegalArgumentException if the rule declares no such attribute
     */
    public @Nullable Object value(String name) {
        Attribute attribute = attributes.find(name);
        if (attribute == null) {
            throw new IllegalArgumentException("name: wanted a declared attribute, got " + RuleText.quoted(name)
                    + RuleText.suggestion(name, attributes.names()));
        }
        return value(attribute);
    }

    /**
     * What the task has of the attribute, in the type that {@link ValueReader} reads; null if
     * nothing.
     */
    @Nullable
    Object value(Attribute attribute) {
        return values[attribute.slot()];
    }

    @Override
    public String toString() {
        return "task " + id;
    }
}
