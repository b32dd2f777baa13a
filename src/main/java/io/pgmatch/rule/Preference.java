package io.pgmatch.rule;

import java.math.BigDecimal;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Which of two legal partners a task would rather have. Immutable. */
sealed interface Preference {
    /** Negative if {@code seeker} prefers {@code one}, positive if {@code other}, 0 if neither. */
    int compare(Subject seeker, Subject one, Subject other);

    /** What it compares of two partners; null if their ids. */
    default @Nullable Operand operand() {
        return null;
    }

    /** Whether it decides nothing for that seeker, which lacks the value that it asks for. */
    default boolean leavesOpen(Subject seeker) {
        return false;
    }

    /** Names each attribute that {@link #compare} looks at. */
    default void read(Consumer<Attribute> reader) {
        Operand operand = operand();
        if (operand != null) {
            operand.read(reader);
        }
    }

    /** Who came first, by id. */
    record Oldest() implements Preference {
        @Override
        public int compare(Subject seeker, Subject one, Subject other) {
            return Long.compare(one.id(), other.id());
        }
    }

    /** Whose value is nearest to the seeker's; those without a value come last. */
    record Nearest(Operand operand) implements Preference {
        @Override
        public int compare(Subject seeker, Subject one, Subject other) {
            Object wanted = seeker.value(operand.attribute());
            return wanted == null
                    ? 0
                    : ascending(distance(wanted, operand.valueOf(one)), distance(wanted, operand.valueOf(other)));
        }

        @Override
        public boolean leavesOpen(Subject seeker) {
            return seeker.value(operand.attribute()) == null;
        }

        private static @Nullable BigDecimal distance(Object wanted, @Nullable Object value) {
            return value == null ? null : Measure.distance(wanted, value);
        }
    }

    /** Whose value is lowest, or highest; those without a value come last. */
    record Extreme(Operand operand, boolean highest) implements Preference {
        @Override
        public int compare(Subject seeker, Subject one, Subject other) {
            Object value = operand.valueOf(one);
            Object otherValue = operand.valueOf(other);
            return highest && value != null && otherValue != null
                    ? Measure.compare(otherValue, value)
                    : ascending(value, otherValue);
        }
    }

    private static int ascending(@Nullable Object one, @Nullable Object other) {
        if (one == null || other == null) {
            return Boolean.compare(one == null, other == null);
        }
        return Measure.compare(one, other);
    }
}
