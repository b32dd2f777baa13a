package io.pgmatch.rule;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How long tasks wait, and the durations of rules: whole microseconds, as the database counts them.
 */
final class Waiting {
    /** Later than any wait. */
    static final long NEVER_MICROS = Long.MAX_VALUE;
    /** The longest duration of a rule: a hundred years of 365 days. */
    static final long DURATION_MAX_MICROS = Duration.ofDays(36_500).toNanos() / 1_000;
    /** A duration in the words of an error message. */
    static final String WANTED = "a duration such as \"250ms\", \"5s\", \"2m\", \"1h\" or \"1d\", at most 36500d";

    /** Waits longer than this, some hundred thousand years, count as this long. */
    private static final long WAIT_MAX_SECONDS = 4_000_000_000_000L;

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,20}(?:\\.[0-9]{1,20})?)(ms|s|m|h|d)");
    private static final Map<String, Duration> UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));

    private Waiting() {}

    /** How long something has waited at {@code now}, rounded down; 0 if it has yet to begin. */
    static long micros(Instant since, Instant now) {
        if (!now.isAfter(since)) {
            return 0;
        }
        long seconds = now.getEpochSecond() - since.getEpochSecond();
        return seconds > WAIT_MAX_SECONDS
                ? WAIT_MAX_SECONDS * 1_000_000
                : seconds * 1_000_000 + Math.floorDiv(now.getNano() - since.getNano(), 1_000);
    }

    /** The instant at which a wait has lasted {@code micros}; {@link Instant#MAX} if never. */
    static Instant reached(Instant since, long micros) {
        if (micros == NEVER_MICROS) {
            return Instant.MAX;
        }
        try {
            return since.plus(micros, ChronoUnit.MICROS);
        } catch (DateTimeException | ArithmeticException e) {
            return Instant.MAX;
        }
    }

    /** The microseconds of a duration such as {@code "5s"}, or null if the text is none. */
    static @Nullable Long parse(String text) {
        Matcher parts = DURATION.matcher(text);
        if (!parts.matches()) {
            return null;
        }
        Duration unit = UNITS.get(parts.group(2));
        if (unit == null) {
            return null;
        }
        BigDecimal micros = new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unit.toNanos() / 1_000));
        boolean whole = micros.stripTrailingZeros().scale() <= 0;
        return whole && micros.compareTo(BigDecimal.valueOf(DURATION_MAX_MICROS)) <= 0 ? micros.longValue() : null;
    }

    /** Microseconds as a rule spells a duration, in the largest unit that makes them whole. */
    static String shown(BigDecimal micros) {
        for (String unit : new String[] {"d", "h", "m", "s", "ms"}) {
            BigDecimal unitMicros =
                    BigDecimal.valueOf(UNITS.getOrDefault(unit, Duration.ZERO).toNanos() / 1_000);
            if (micros.remainder(unitMicros).signum() == 0) {
                return micros.divideToIntegralValue(unitMicros).toPlainString() + unit;
            }
        }
        return micros.movePointLeft(3).stripTrailingZeros().toPlainString() + "ms";
    }
}
