package io.pgmatch.rule;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Numbers and times as the database has them in its indexes: as floating-point numbers.
 *
 * <p>Implementation notes. {@link #of} keeps order, as {@code pgmatch.rank_of} does in the same way.
 * Numbers of at most 15 digits have ranks of their own, at least four steps apart; a longer number
 * whose nearest double is one of those is moved a step off it. So tasks with such a rank have all the
 * same value, and among a million of one price the first by id is the oldest without a look at the
 * others.
 */
final class Rank {
    private static final int DIGITS = 15;
    private static final MathContext SHORT = new MathContext(DIGITS, RoundingMode.HALF_EVEN);

    /** Between a half and a whole step of any double, relative to it. */
    private static final double STEP = 1.2e-16;

    /** Below this every whole number is a double. */
    private static final long WHOLE_MAX = 1L << 53;

    private Rank() {}

    /** The rank of a number or a time. */
    static double of(Object value) {
        return value instanceof Instant instant ? of(Measure.epochMicros(instant)) : of((BigDecimal) value);
    }

    /** The rank of a number, of a time its microseconds. */
    static double of(BigDecimal number) {
        double nearest = number.doubleValue();
        if (number.precision() <= DIGITS) {
            return nearest;
        }
        BigDecimal rounded = new BigDecimal(nearest).round(SHORT);
        return rounded.doubleValue() == nearest
                ? nearest + number.compareTo(rounded) * (Math.abs(nearest) * STEP)
                : nearest;
    }

    private static double of(long micros) {
        return Math.abs(micros) < WHOLE_MAX ? micros : of(BigDecimal.valueOf(micros));
    }

    /** The value that all tasks of that rank have; null if they may differ. */
    static @Nullable BigDecimal value(double rank, Type type) {
        if (type == Type.TIME && Math.abs(rank) < WHOLE_MAX) {
            return new BigDecimal(rank);
        }
        BigDecimal rounded = new BigDecimal(rank).round(SHORT);
        return rounded.doubleValue() == rank ? rounded : null;
    }

    /** No value of that rank, or of a higher one, is lower than this. */
    static BigDecimal lowest(double rank, Type type) {
        BigDecimal value = value(rank, type);
        return value != null ? value : new BigDecimal(Math.nextDown(rank));
    }

    /** No value of that rank, or of a lower one, is higher than this. */
    static BigDecimal highest(double rank, Type type) {
        BigDecimal value = value(rank, type);
        return value != null ? value : new BigDecimal(Math.nextUp(rank));
    }
}
