package io.pgmatch.rule;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An attribute, or what tasks of one side have of it.
 *
 * @param name as the rule spells it: {@code price} or {@code buy.price}
 * @param side the attribute that says a task's side; null if tasks of all sides are meant
 * @param sideName the side that is meant
 */
record Operand(
        String name,
        Attribute attribute,
        @Nullable Attribute side,
        @Nullable String sideName) {
    Operand {
        if ((side == null) != (sideName == null)) {
            throw new IllegalArgumentException(name + ": wanted a side with its name, got one of them");
        }
    }

    /** Whether the operand speaks of the task. */
    boolean concerns(Subject subject) {
        return side == null || sideName == null || sideName.equals(subject.value(side));
    }

    /** What the task has, or null if it lacks the value or the operand does not speak of it. */
    @Nullable
    Object valueOf(Subject subject) {
        return concerns(subject) ? subject.value(attribute) : null;
    }

    void read(Consumer<Attribute> reader) {
        reader.accept(attribute);
        if (side != null) {
            reader.accept(side);
        }
    }
}
