package io.pgmatch.rule;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads the JSON of rules and of tasks, within named limits; writes it compactly. */
final class RuleJson {
    /** The largest document, in bytes of UTF-8; the same for rules and attributes. */
    static final int BYTES_MAX = 64 * 1024;
    /** The deepest nesting of objects and lists, the document itself being the first level. */
    static final int NESTING_MAX = 64;
    /**
     * The longest name, text or number that a task's attributes are read with. The database has
     * checked their size already, so that this is only a backstop.
     */
    private static final int TOKEN_MAX = 1024 * 1024;

    private static final JsonMapper DOCUMENTS = mapper(NESTING_MAX, true);
    private static final JsonMapper ATTRIBUTES = mapper(1_000, false);

    private RuleJson() {}

    /**
     * Reads a document that a person wrote: at most {@link #BYTES_MAX} and {@link #NESTING_MAX}, no
     * key twice, nothing that the database could not store.
     *
     * @param what what the document is, as messages name it
     * @throws RuleException if the text breaks any of that
     */
    static JsonNode readDocument(String what, String json) {
        int bytes = json.length() > BYTES_MAX ? json.length() : json.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > BYTES_MAX) {
            throw new RuleException(what, "at most " + BYTES_MAX + " bytes (64 KiB)", "at least " + bytes);
        }
        requireStorable(what, json);
        JsonNode document;
        try {
            document = DOCUMENTS.readTree(json);
        } catch (StreamConstraintsException e) {
            throw new RuleException(what, "at most " + NESTING_MAX + " levels of nesting", "more");
        } catch (JsonProcessingException e) {
            throw new RuleException(what, "JSON", fault(e));
        } catch (NumberFormatException e) {
            throw numberOutOfBounds(what);
        }
        if (document.isMissingNode()) {
            throw new RuleException(what, "JSON", "nothing");
        }
        requireStorable(what, document);
        return document;
    }

    /** A parser of the attributes of a task that the database has accepted. */
    static JsonParser parser(String attributesJson) throws IOException {
        return ATTRIBUTES.createParser(attributesJson);
    }

    /**
     * Reads attributes; where a key comes twice the last one counts, as in the database.
     *
     * @throws RuleException if the text has a number whose exponent no computer holds
     */
    static JsonNode readAttributes(String attributesJson) throws JsonProcessingException {
        try {
            return ATTRIBUTES.readTree(attributesJson);
        } catch (NumberFormatException e) {
            throw numberOutOfBounds("attributes");
        }
    }

    /** The node as compact JSON. */
    static String write(JsonNode node) {
        try {
            return DOCUMENTS.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A JSON tree could not be written", e);
        }
    }

    /** A node as a message quotes it; null is a missing one. */
    static String shown(@Nullable JsonNode node) {
        return node == null || node.isMissingNode() ? "nothing" : RuleText.shown(write(node));
    }

    private static JsonMapper mapper(int nestingMax, boolean strict) {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(nestingMax)
                        .maxNumberLength(TOKEN_MAX)
                        .maxStringLength(TOKEN_MAX)
                        .maxNameLength(TOKEN_MAX)
                        .build())
                .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, strict)
                .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
                .build();
        return JsonMapper.builder(factory)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .nodeFactory(JsonNodeFactory.instance)
                .build();
    }

    private static RuleException numberOutOfBounds(String what) {
        return new RuleException(what, Type.NUMBER.wanted(), "one far beyond");
    }

    private static String fault(JsonProcessingException e) {
        String message = e.getOriginalMessage().lines().findFirst().orElse("");
        int advice = message.indexOf(": enable `");
        String fault = RuleText.shown(advice < 0 ? message : message.substring(0, advice));
        return e.getLocation() == null
                ? fault
                : "line %d, column %d: %s"
                        .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr(), fault);
    }

    private static void requireStorable(String what, JsonNode node) {
        if (node.isTextual()) {
            requireStorable(what, node.textValue());
        }
        node.fieldNames().forEachRemaining(name -> requireStorable(what, name));
        node.forEach(child -> requireStorable(what, child));
    }

    private static void requireStorable(String what, String text) {
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit == 0) {
                throw new RuleException(what, "text without \\u0000", "it in a text");
            }
            if (Character.isHighSurrogate(unit)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(unit)) {
                throw new RuleException(
                        what, "text in Unicode", "half a surrogate pair, \\u%04x".formatted((int) unit));
            }
        }
    }
}
