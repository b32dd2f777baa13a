package io.pgmatch.rule;

import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How far apart two tasks are in what is preferred first of all but age.
 *
 * @param operands what preferences look at, in their order; at least one
 */
record Gap(List<Operand> operands) {
    private static final int MICROS_DIGITS = 6;

    /** The gap in what these preferences look at; null if none looks at a number or a time. */
    static @Nullable Gap of(List<Preference> preferences) {
        List<Operand> operands = preferences.stream()
                .flatMap(Gap::operand)
                .filter(operand -> operand.attribute().type().isMeasured())
                .toList();
        return operands.isEmpty() ? null : new Gap(operands);
    }

    String name() {
        Operand first = operands.get(0);
        return first.attribute().name() + (isTime() ? " in seconds" : "");
    }

    @Nullable
    BigDecimal between(Subject one, Subject other) {
        Object value = value(one);
        Object otherValue = value(other);
        if (value == null || otherValue == null || !value.getClass().equals(otherValue.getClass())) {
            return null;
        }
        BigDecimal distance = Measure.distance(value, otherValue);
        return isTime() ? distance.movePointLeft(MICROS_DIGITS) : distance;
    }

    private boolean isTime() {
        return operands.get(0).attribute().type() == Type.TIME;
    }

    /** What the first preference that speaks of the task's side looks at; else what the first one does. */
    private @Nullable Object value(Subject subject) {
        return Stream.concat(
                        operands.stream()
                                .filter(operand -> operand.concerns(subject))
                                .limit(1),
                        operands.stream().limit(1))
                .map(operand -> subject.value(operand.attribute()))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static Stream<Operand> operand(Preference preference) {
        if (preference instanceof Preference.Nearest nearest) {
            return Stream.of(nearest.operand());
        }
        return preference instanceof Preference.Extreme extreme ? Stream.of(extreme.operand()) : Stream.empty();
    }
}
