package io.pgmatch.rule;

import java.util.List;
import java.util.function.Consumer;

/**
 * What a condition demands of two tasks. All but {@link JavaCondition} are symmetric in the two:
 * what makes a direction is only whose waiting counts. Immutable and safe for use by several
 * threads.
 */
sealed interface Condition
        permits Equal,
                Different,
                Distance,
                Sides,
                Compare,
                Overlap,
                Within,
                Excludes,
                AnyOf,
                AllOf,
                Not,
                JavaCondition {
    /**
     * Whether the two satisfy the condition. A value that is needed and missing makes it false.
     *
     * @param waitedMicros the wait that counts for bounds
     */
    boolean holds(Subject one, Subject other, long waitedMicros);

    /** Names each attribute that {@link #holds} looks at, possibly more than once. */
    void read(Consumer<Attribute> reader);

    /** The values compared, as {@code explain} shows them; empty where the parts say it all. */
    String compared(Subject one, Subject other, long waitedMicros);

    /** The shortest wait beyond {@code waitedMicros} at which the condition itself changes. */
    default long nextChangeMicros(long waitedMicros) {
        long next = Waiting.NEVER_MICROS;
        for (Clause part : parts()) {
            next = Math.min(next, part.nextChangeMicros(waitedMicros));
        }
        return next;
    }

    /** The conditions that this one is made of. */
    default List<Clause> parts() {
        return List.of();
    }

    /** The two values of an attribute, as {@link #compared} shows them. */
    static String values(Attribute attribute, Subject one, Subject other) {
        return attribute.name() + " " + RuleText.shownValue(one.value(attribute)) + " and "
                + RuleText.shownValue(other.value(attribute));
    }
}
