package io.pgmatch.rule;

import java.math.BigDecimal;
import java.time.Instant;

/** Order and distance of numbers and times. */
final class Measure {
    private Measure() {}

    /** How far apart two numbers are, or two times in microseconds; both of the same type. */
    static BigDecimal distance(Object one, Object other) {
        return one instanceof Instant instant
                ? BigDecimal.valueOf(Math.abs(epochMicros(instant) - epochMicros((Instant) other)))
                : ((BigDecimal) one).subtract((BigDecimal) other).abs();
    }

    /** A number, or the microseconds of a time since 1970. */
    static BigDecimal number(Object value) {
        return value instanceof Instant instant ? BigDecimal.valueOf(epochMicros(instant)) : (BigDecimal) value;
    }

    /**
     * The microseconds of a time since 1970. Not by {@link java.time.temporal.ChronoUnit}, which counts
     * in nanoseconds on its way and overflows 292 years away from 1970.
     */
    static long epochMicros(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
    }

    /** The order of two numbers, times or texts, texts by code point; both of the same type. */
    static int compare(Object one, Object other) {
        if (one instanceof BigDecimal number) {
            return number.compareTo((BigDecimal) other);
        }
        return one instanceof Instant instant
                ? instant.compareTo((Instant) other)
                : compareTexts((String) one, (String) other);
    }

    /** Code units have another order than code points where surrogates meet U+E000 to U+FFFF. */
    private static int compareTexts(String one, String other) {
        int length = Math.min(one.length(), other.length());
        for (int i = 0; i < length; i++) {
            char left = one.charAt(i);
            char right = other.charAt(i);
            if (left != right) {
                boolean leftBeyond = Character.isSurrogate(left);
                boolean rightBeyond = Character.isSurrogate(right);
                return leftBeyond == rightBeyond ? Character.compare(left, right) : leftBeyond ? 1 : -1;
            }
        }
        return Integer.compare(one.length(), other.length());
    }
}
