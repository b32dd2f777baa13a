package io.pgmatch.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PgmatchException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/**
 * One JSON object a line. An object with a member {@code attributes} that is an object, and else only
 * {@code ref}, {@code expires_in} and {@code at}, is a task with these ({@code at}, when it arrived in a
 * recording, is passed over); any other is the attributes of a task. Empty lines are passed over.
 */
final class JsonTaskLines implements TaskLines {
    private static final Set<String> MEMBERS = Set.of("attributes", "ref", "expires_in", "at");
    private static final int SHOWN_MAX = 60;
    private static final JsonFactory FACTORY = new JsonFactory();

    private final InputStream input;
    private final String pool;
    private final @Nullable Duration expiresIn;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long number;

    /** Reads from {@code input}, which should be buffered. */
    JsonTaskLines(InputStream input, String pool, @Nullable Duration expiresIn) {
        this.input = input;
        this.pool = pool;
        this.expiresIn = expiresIn;
    }

    @Override
    public @Nullable Line next() throws IOException {
        while (readLine()) {
            number++;
            if (bytes.size() > LINE_BYTES_MAX) {
                return new Line(number, "", null, "wanted a line of at most 1 MiB, got a longer one");
            }
            String text;
            try {
                text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes.toByteArray()))
                        .toString();
            } catch (CharacterCodingException e) {
                return new Line(number, "", null, "wanted text in UTF-8, got bytes that are not");
            }
            if (!text.isBlank()) {
                return parsed(text);
            }
        }
        return null;
    }

    /** Reads up to the end of a line, keeping a little more than is allowed; false at the end. */
    private boolean readLine() throws IOException {
        bytes.reset();
        int next = input.read();
        if (next < 0) {
            return false;
        }
        while (next >= 0 && next != '\n') {
            if (bytes.size() <= LINE_BYTES_MAX) {
                bytes.write(next);
            }
            next = input.read();
        }
        return true;
    }

    private Line parsed(String text) {
        try {
            return new Line(number, text, task(text), "");
        } catch (PgmatchException e) {
            return new Line(number, text, null, String.valueOf(e.getMessage()));
        }
    }

    private NewTask task(String text) {
        JsonCheck.requireStorable("pool \"" + pool + "\", attributes", text);
        String attributes = null;
        String ref = null;
        Duration expiry = expiresIn;
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return new NewTask(pool, null, text, expiresIn);
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (!MEMBERS.contains(name)) {
                    return new NewTask(pool, null, text, expiresIn);
                }
                JsonToken token = parser.nextToken();
                int start = (int) parser.currentTokenLocation().getCharOffset();
                switch (name) {
                    case "attributes" -> {
                        parser.skipChildren();
                        int end = (int) parser.currentLocation().getCharOffset();
                        attributes = token == JsonToken.START_OBJECT ? text.substring(start, end) : null;
                    }
                    case "ref" -> ref = token == JsonToken.VALUE_STRING ? parser.getText() : null;
                    case "expires_in" -> expiry = duration(parser.getText());
                    default -> parser.skipChildren();
                }
            }
        } catch (IOException e) {
            throw new PgmatchException("wanted JSON, got " + e.getMessage(), e);
        }
        return attributes == null
                ? new NewTask(pool, null, text, expiresIn)
                : new NewTask(pool, ref, attributes, expiry);
    }

    static Duration duration(String text) {
        try {
            return new Durations().convert(text);
        } catch (TypeConversionException e) {
            throw new PgmatchException("expires_in: " + Words.cut(String.valueOf(e.getMessage()), 2 * SHOWN_MAX), e);
        }
    }
}
