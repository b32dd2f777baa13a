package io.pgmatch.rule;

import java.util.function.Consumer;

/** What a condition demands of two tasks; each is symmetric in the two. Immutable. */
sealed interface Condition permits Equal {
    /** Whether the two satisfy the condition. A value that is needed and missing makes it false. */
    boolean holds(Subject one, Subject other);

    /** Names each attribute that {@link #holds} looks at, possibly more than once. */
    void read(Consumer<Attribute> reader);
}
