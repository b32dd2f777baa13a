package io.pgmatch.rule;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * The numbers from {@code low} to {@code high}, both included; null is unbounded. The bounds are in
 * the one spelling that {@link ValueReader} gives numbers, so that equal ranges are equal records.
 */
record Range(@Nullable BigDecimal low, @Nullable BigDecimal high) {
    Range {
        if (low != null && high != null && low.compareTo(high) > 0) {
            throw new IllegalArgumentException("low: wanted at most " + high + ", got " + low);
        }
    }

    boolean contains(BigDecimal number) {
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
