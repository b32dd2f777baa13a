package io.pgmatch.cli;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as people write and read them. */
final class Durations implements ITypeConverter<Duration> {
    private static final Duration MAX = Duration.ofDays(36_500);
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,13})(ms|s|m|h|d)");
    private static final int SHOWN_MAX = 40;

    /** Reads 500ms, 30s, 5m, 2h or 1d. */
    @Override
    public Duration convert(String text) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException(
                    "wanted a duration such as 500ms, 30s, 5m, 2h or 1d, got \"" + Words.cut(text, SHOWN_MAX) + "\"");
        }
        long number = Long.parseLong(matcher.group(1));
        ChronoUnit unit = switch (matcher.group(2)) {
            case "ms" -> ChronoUnit.MILLIS;
            case "s" -> ChronoUnit.SECONDS;
            case "m" -> ChronoUnit.MINUTES;
            case "h" -> ChronoUnit.HOURS;
            default -> ChronoUnit.DAYS;
        };
        if (number > MAX.toMillis() / unit.getDuration().toMillis()) {
            throw new TypeConversionException("wanted at most " + MAX.toDays() + "d, got \"" + text + "\"");
        }
        return Duration.of(number, unit);
    }

    /** A duration in its two largest units, such as {@code 3h 20m}; below a second in milliseconds. */
    static String shown(Duration duration) {
        if (duration.isNegative()) {
            return "0s";
        }
        if (duration.toSeconds() == 0) {
            return duration.isZero() ? "0s" : duration.toMillis() + "ms";
        }
        long days = duration.toDays();
        if (days > 0) {
            return days + "d" + rest(duration.toHoursPart(), "h");
        }
        if (duration.toHours() > 0) {
            return duration.toHours() + "h" + rest(duration.toMinutesPart(), "m");
        }
        if (duration.toMinutes() > 0) {
            return duration.toMinutes() + "m" + rest(duration.toSecondsPart(), "s");
        }
        return duration.toSeconds() + "s";
    }

    private static String rest(int number, String unit) {
        return number == 0 ? "" : " " + number + unit;
    }
}
