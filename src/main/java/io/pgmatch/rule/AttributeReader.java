package io.pgmatch.rule;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads some of the declared attributes from a task's JSON; all else is skipped unread. JSON null
 * is the same as nothing there. Safe for use by several threads.
 */
final class AttributeReader {
    /** Reads the attributes once more, for the message about a value of the wrong form. */
    private interface Tree {
        JsonNode read() throws IOException;
    }

    private final List<Attribute> wanted;
    private final Map<String, Attribute> byName = new HashMap<>();
    private final int slots;

    /**
     * A reader of the attributes in {@code wanted}.
     *
     * @param slots how many attributes are declared
     */
    AttributeReader(Collection<Attribute> wanted, int slots) {
        this.wanted = List.copyOf(wanted);
        this.slots = slots;
        wanted.forEach(attribute -> byName.put(attribute.name(), attribute));
    }

    boolean readsNothing() {
        return wanted.isEmpty();
    }

    /**
     * The values by slot, defaults applied; null where a task lacks an optional one, and for
     * attributes that are not wanted. Of a key that comes twice every value is checked and the last
     * one counts.
     *
     * @throws RuleException if a value breaks its declaration, or a required one is missing
     */
    @Nullable
    Object[] read(String attributesJson) {
        try (JsonParser parser = RuleJson.parser(attributesJson)) {
            return read(parser, () -> RuleJson.readAttributes(attributesJson));
        } catch (IOException e) {
            throw new RuleException("attributes", "a JSON object", RuleText.shown(attributesJson));
        }
    }

    /** The same for JSON that is already a tree. */
    @Nullable
    Object[] read(JsonNode attributes) {
        try (JsonParser parser = attributes.traverse()) {
            return read(parser, () -> attributes);
        } catch (IOException e) {
            throw new RuleException("attributes", "a JSON object", RuleJson.shown(attributes));
        }
    }

    private @Nullable Object[] read(JsonParser parser, Tree tree) throws IOException {
        @Nullable Object[] values = new Object[slots];
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new RuleException("attributes", "a JSON object", RuleJson.shown(tree.read()));
        }
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken token = parser.nextToken();
            Attribute attribute = byName.get(name);
            if (attribute == null || token == JsonToken.VALUE_NULL) {
                parser.skipChildren();
            } else {
                Object value = ValueReader.read(parser, attribute.type());
                if (value == null || !attribute.allows(value)) {
                    JsonNode got = tree.read().get(name);
                    throw new RuleException(place(attribute), attribute.wanted(), RuleJson.shown(got));
                }
                values[attribute.slot()] = value;
            }
        }
        for (Attribute attribute : wanted) {
            if (values[attribute.slot()] == null) {
                values[attribute.slot()] = whenMissing(attribute);
            }
        }
        return values;
    }

    private static @Nullable Object whenMissing(Attribute attribute) {
        if (attribute.defaultValue() == null && !attribute.optional()) {
            throw new RuleException(place(attribute), attribute.wanted(), "nothing");
        }
        return attribute.defaultValue();
    }

    private static String place(Attribute attribute) {
        return "attribute " + RuleText.quoted(attribute.name());
    }
}
