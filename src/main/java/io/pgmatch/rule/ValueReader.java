package io.pgmatch.rule;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads typed values from JSON: text as {@link String}, number as {@link BigDecimal}, boolean as
 * {@link Boolean}, set as {@link Set} of String and BigDecimal, range as {@link Range}, time as
 * {@link Instant}. What is of a type, and which values are equal, is the same as in the database's
 * trigger; values that are equal there are equal here by {@link Object#equals}.
 */
final class ValueReader {
    /** The largest magnitude of a number. */
    private static final BigDecimal LARGEST_NUMBER = BigDecimal.TEN.pow(100);
    /** The most decimals of a number, trailing zeros aside. */
    private static final int DECIMALS_MAX = 100;
    /** The largest offset from UTC is 14:59, as in the database. */
    private static final int OFFSET_HOURS_MAX = 14;

    private static final Pattern TIME = Pattern.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})"
            + "(?:[Tt]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\\.([0-9]{1,6}))?)?"
            + "(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))?)?");

    private ValueReader() {}

    /**
     * The value at the parser's current token, which is not null, or null if it is not of the type.
     * The parser may then stand anywhere within it.
     *
     * @throws IOException if the text is not JSON
     */
    static @Nullable Object read(JsonParser parser, Type type) throws IOException {
        return switch (type) {
            case TEXT -> parser.hasToken(JsonToken.VALUE_STRING) ? parser.getText() : null;
            case NUMBER -> readNumber(parser);
            case BOOLEAN -> readBoolean(parser);
            case TIME -> parser.hasToken(JsonToken.VALUE_STRING) ? instant(parser.getText()) : null;
            case SET -> readSet(parser);
            case RANGE -> readRange(parser);
        };
    }

    /**
     * A number in its one spelling, with no trailing zero after the point; null if out of bounds.
     */
    static @Nullable BigDecimal number(BigDecimal number) {
        if (number.abs().compareTo(LARGEST_NUMBER) > 0) {
            return null;
        }
        if (number.scale() == 0) {
            return number;
        }
        BigDecimal stripped = number.stripTrailingZeros();
        if (stripped.scale() > DECIMALS_MAX) {
            return null;
        }
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    /**
     * The instant that an ISO 8601 text names, in UTC where it gives no offset, or null if none.
     */
    static @Nullable Instant instant(String text) {
        Matcher parts = TIME.matcher(text);
        if (!parts.matches()
                || number(parts, 1) == 0
                || number(parts, 9) > OFFSET_HOURS_MAX
                || number(parts, 10) > 59) {
            return null;
        }
        try {
            LocalDateTime local = LocalDateTime.of(
                    number(parts, 1),
                    number(parts, 2),
                    number(parts, 3),
                    number(parts, 4),
                    number(parts, 5),
                    number(parts, 6),
                    nanoseconds(parts.group(7)));
            int offsetSeconds = number(parts, 9) * 3600 + number(parts, 10) * 60;
            boolean east = "+".equals(parts.group(8));
            return local.toInstant(ZoneOffset.UTC).plusSeconds(east ? -offsetSeconds : offsetSeconds);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable Boolean readBoolean(JsonParser parser) throws IOException {
        return parser.currentToken().isBoolean() ? (Boolean) parser.getBooleanValue() : null;
    }

    private static @Nullable BigDecimal readNumber(JsonParser parser) throws IOException {
        if (!parser.currentToken().isNumeric()) {
            return null;
        }
        if (parser.hasToken(JsonToken.VALUE_NUMBER_INT)
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            return BigDecimal.valueOf(parser.getLongValue());
        }
        try {
            return number(parser.getDecimalValue());
        } catch (NumberFormatException e) {
            // The exponent does not fit an int.
            return null;
        }
    }

    private static @Nullable Set<Object> readSet(JsonParser parser) throws IOException {
        if (!parser.hasToken(JsonToken.START_ARRAY)) {
            return null;
        }
        Set<Object> members = new HashSet<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Object member = parser.hasToken(JsonToken.VALUE_STRING) ? parser.getText() : readNumber(parser);
            if (member == null) {
                return null;
            }
            members.add(member);
        }
        return Collections.unmodifiableSet(members);
    }

    private static @Nullable Range readRange(JsonParser parser) throws IOException {
        if (!parser.hasToken(JsonToken.START_ARRAY)) {
            return null;
        }
        BigDecimal[] bounds = new BigDecimal[2];
        for (int i = 0; i < bounds.length; i++) {
            if (parser.nextToken() == JsonToken.VALUE_NULL) {
                continue;
            }
            BigDecimal bound = readNumber(parser);
            if (bound == null) {
                return null;
            }
            bounds[i] = bound;
        }
        boolean ordered = bounds[0] == null || bounds[1] == null || bounds[0].compareTo(bounds[1]) <= 0;
        return ordered && parser.nextToken() == JsonToken.END_ARRAY ? new Range(bounds[0], bounds[1]) : null;
    }

    private static int number(Matcher parts, int group) {
        String digits = parts.group(group);
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    private static int nanoseconds(@Nullable String decimals) {
        return decimals == null ? 0 : Integer.parseInt((decimals + "000000000").substring(0, 9));
    }
}
