package io.pgmatch.rule;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses the declarations under {@code attributes}. */
final class AttributeParser {
    private static final List<String> KEYS = List.of("type", "oneOf", "optional", "default");

    private AttributeParser() {}

    /**
     * The attributes declared in {@code node}, in its order; none if it is null.
     *
     * @throws RuleException if a declaration breaks the language
     */
    static Attributes parse(@Nullable JsonNode node) {
        List<Attribute> attributes = new ArrayList<>();
        if (node != null) {
            RuleObject declarations = RuleObject.of(
                    "attributes",
                    node,
                    "an object of attributes by name, such as" + " {\"mode\": {\"type\": \"text\"}}");
            for (var declaration : node.properties()) {
                attributes.add(
                        attribute(declarations, declaration.getKey(), declaration.getValue(), attributes.size()));
            }
        }
        return new Attributes(attributes);
    }

    private static Attribute attribute(RuleObject declarations, String name, JsonNode node, int slot) {
        if (name.isEmpty()) {
            throw new RuleException(declarations.place(), "names of at least one character", "\"\"");
        }
        RuleObject declaration =
                RuleObject.of(declarations.at(name), node, "a declaration such as {\"type\": \"text\"}");
        declaration.allowOnly(KEYS);
        Type type = Type.of(declaration.word("type", Type.words()));
        if (type == null) {
            throw new IllegalStateException("A word of a type without a type");
        }
        List<Object> oneOf = oneOf(declaration, type);
        boolean optional = declaration.flag("optional");
        if (optional && declaration.has("default")) {
            throw new RuleException(declaration.place(), "either optional or default", "both");
        }
        Attribute attribute = new Attribute(slot, name, type, optional, null, oneOf);
        return declaration.has("default")
                ? new Attribute(slot, name, type, false, defaultValue(declaration, attribute), oneOf)
                : attribute;
    }

    private static List<Object> oneOf(RuleObject declaration, Type type) {
        JsonNode list = declaration.get("oneOf");
        if (list == null) {
            return List.of();
        }
        if (type != Type.TEXT && type != Type.NUMBER) {
            throw new RuleException(
                    declaration.at("oneOf"),
                    "it only with type \"text\" or \"number\"",
                    "it with \"" + type.word() + "\"");
        }
        if (!list.isArray() || list.isEmpty()) {
            throw new RuleException(declaration.at("oneOf"), "a list of at least one value", RuleJson.shown(list));
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            String place = RuleText.element(declaration.at("oneOf"), i);
            Object value = value(list.get(i), type);
            if (value == null) {
                throw new RuleException(place, type.wanted(), RuleJson.shown(list.get(i)));
            }
            if (values.contains(value)) {
                throw new RuleException(place, "each value once", RuleJson.shown(list.get(i)) + " again");
            }
            values.add(value);
        }
        return values;
    }

    private static Object defaultValue(RuleObject declaration, Attribute attribute) {
        JsonNode node = declaration.node().path("default");
        Object value = value(node, attribute.type());
        if (value == null || !attribute.allows(value)) {
            throw new RuleException(declaration.at("default"), attribute.wanted(), RuleJson.shown(node));
        }
        return value;
    }

    /** The typed value of a node, or null if it is not of the type; null is of no type. */
    static @Nullable Object value(JsonNode node, Type type) {
        try (JsonParser parser = node.traverse()) {
            parser.nextToken();
            return ValueReader.read(parser, type);
        } catch (IOException e) {
            throw new UncheckedIOException("A JSON tree could not be read", e);
        }
    }
}
