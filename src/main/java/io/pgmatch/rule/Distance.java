package io.pgmatch.rule;

import java.math.BigDecimal;
import java.util.function.Consumer;

/**
 * Two numbers or times are at most a bound apart.
 *
 * @param bound the most that they may differ by: a number, for times microseconds, or percent
 * @param percent whether the bound is in percent of the larger magnitude of two numbers
 */
record Distance(Attribute attribute, Bound bound, boolean percent) implements Condition {
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    @Override
    public boolean holds(Subject one, Subject other, long waitedMicros) {
        Object value = one.value(attribute);
        Object otherValue = other.value(attribute);
        if (value == null || otherValue == null) {
            return false;
        }
        BigDecimal most = bound.at(waitedMicros);
        BigDecimal distance = Measure.distance(value, otherValue);
        if (!percent) {
            return distance.compareTo(most) <= 0;
        }
        BigDecimal magnitude = ((BigDecimal) value).abs().max(((BigDecimal) otherValue).abs());
        return distance.multiply(HUNDRED).compareTo(most.multiply(magnitude)) <= 0;
    }

    @Override
    public void read(Consumer<Attribute> reader) {
        reader.accept(attribute);
    }

    @Override
    public long nextChangeMicros(long waitedMicros) {
        return bound.nextChangeMicros(waitedMicros);
    }

    @Override
    public String compared(Subject one, Subject other, long waitedMicros) {
        String values = Condition.values(attribute, one, other);
        Object value = one.value(attribute);
        Object otherValue = other.value(attribute);
        if (value == null || otherValue == null) {
            return values;
        }
        String most = percent ? bound.at(waitedMicros).toPlainString() + " %" : measured(bound.at(waitedMicros));
        return values + ", " + measured(Measure.distance(value, otherValue)) + " apart, at most " + most;
    }

    private String measured(BigDecimal distance) {
        return attribute.type() == Type.TIME ? Waiting.shown(distance) : distance.toPlainString();
    }
}
