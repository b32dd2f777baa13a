package io.pgmatch.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.pgmatch.model.PgmatchException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;

/**
 * Looks whether the database could store a JSON text, and store it as it was meant: what it would
 * refuse in its own words, or never see because the driver changed it, is refused here. What a pool's
 * rule asks for, the database checks.
 */
final class JsonCheck {
    /** Beyond these limits the database's numeric type ends. */
    private static final long DIGITS_BEFORE_POINT_MAX = 131_072;

    private static final int DIGITS_AFTER_POINT_MAX = 16_383;
    private static final int NUMBER_LENGTH_MAX = 1_000;
    private static final int NESTING_MAX = 1_000;
    private static final int TEXT_LENGTH_MAX = 1 << 20;
    private static final int SHOWN_MAX = 60;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(NESTING_MAX)
                    .maxNumberLength(TEXT_LENGTH_MAX)
                    .maxStringLength(TEXT_LENGTH_MAX)
                    .maxNameLength(TEXT_LENGTH_MAX)
                    .build())
            .build();

    private JsonCheck() {}

    /**
     * Refuses what cannot be stored.
     *
     * @param what what the text is, as messages name it
     */
    static void requireStorable(String what, String json) {
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() == null) {
                throw new PgmatchException(what + ": wanted a JSON object, got nothing");
            }
            check(what, parser);
        } catch (StreamConstraintsException e) {
            throw new PgmatchException(what + ": wanted at most 64 levels of nesting, got more", e);
        } catch (JsonProcessingException e) {
            throw new PgmatchException(what + ": wanted JSON, got " + fault(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException("a string could not be read", e);
        }
    }

    private static void check(String what, JsonParser parser) throws IOException {
        boolean complete = false;
        for (JsonToken token = parser.currentToken(); token != null; token = parser.nextToken()) {
            if (complete) {
                throw new PgmatchException(what
                        + ": wanted JSON, got something more after its end, at line %d, column %d"
                                .formatted(
                                        parser.currentTokenLocation().getLineNr(),
                                        parser.currentTokenLocation().getColumnNr()));
            }
            switch (token) {
                case FIELD_NAME, VALUE_STRING -> requireUnicode(what, parser);
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> requireInRange(what, parser);
                default -> {}
            }
            complete = !token.isStructStart() && parser.getParsingContext().inRoot();
        }
    }

    private static void requireUnicode(String what, JsonParser parser) throws IOException {
        String text = parser.getText();
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit == 0) {
                throw new PgmatchException(what + place(parser) + ": wanted text without \\u0000, got one");
            }
            if (Character.isHighSurrogate(unit)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(unit)) {
                throw new PgmatchException(what
                        + place(parser)
                        + ": wanted Unicode text, got half a surrogate pair, \\u%04x".formatted((int) unit));
            }
        }
    }

    private static void requireInRange(String what, JsonParser parser) throws IOException {
        String number = parser.getText();
        if (!isInRange(number)) {
            throw new PgmatchException(what + place(parser) + ": wanted a number that PostgreSQL can store, got "
                    + Words.cut(number, SHOWN_MAX));
        }
    }

    private static boolean isInRange(String number) {
        if (number.length() > NUMBER_LENGTH_MAX) {
            return false;
        }
        try {
            BigDecimal value = new BigDecimal(number);
            return value.scale() <= DIGITS_AFTER_POINT_MAX
                    && (long) value.precision() - value.scale() <= DIGITS_BEFORE_POINT_MAX;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** Where the parser stands, as a JSON pointer; nothing if it is the whole. */
    private static String place(JsonParser parser) {
        String pointer = parser.getParsingContext().pathAsPointer().toString();
        return pointer.isEmpty() ? "" : " at " + Words.cut(pointer, SHOWN_MAX);
    }

    private static String fault(JsonProcessingException e) {
        String message =
                String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
        for (String advice : new String[] {": enable `", " (start marker at"}) {
            int end = message.indexOf(advice);
            message = end < 0 ? message : message.substring(0, end);
        }
        return e.getLocation() == null
                ? message
                : "an error at line %d, column %d: %s"
                        .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr(), message);
    }
}
