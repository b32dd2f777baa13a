package io.pgmatch.rule;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * The numbers from {@code low} to {@code high}, both included. The bounds have no trailing zero
 * after the point, so that ranges which mean the same are equal.
 *
 * @param low the smallest number, at most {@code high}; null for no bound
 * @param high the largest number; null for no bound
 */
public record Range(@Nullable BigDecimal low, @Nullable BigDecimal high) {
    /** Requires the bounds in order. */
    public Range {
        if (low != null && high != null && low.compareTo(high) > 0) {
            throw new IllegalArgumentException("low: wanted at most " + high + ", got " + low);
        }
    }

    /** Whether the number lies in the range, the bounds included. */
    public boolean contains(BigDecimal number) {
        return (low == null || low.compareTo(number) <= 0) && (high == null || number.compareTo(high) <= 0);
    }

    @Override
    public String toString() {
        return "[" + bound(low) + ", " + bound(high) + "]";
    }

    private static String bound(@Nullable BigDecimal bound) {
        return bound == null ? "null" : bound.toPlainString();
    }
}
