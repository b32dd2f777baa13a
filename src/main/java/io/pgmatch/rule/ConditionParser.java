package io.pgmatch.rule;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses conditions, with the attributes that they may name. */
final class ConditionParser {
    private static final List<String> KNOWN = List.of("equal");
    private static final List<String> OTHERS = List.of(
            "different", "distance", "sides", "compare", "overlap", "within", "excludes", "any", "all", "not", "java");

    private final Attributes attributes;

    ConditionParser(Attributes attributes) {
        this.attributes = attributes;
    }

    /**
     * The conditions in the list at {@code place}.
     *
     * @throws RuleException if one breaks the language
     */
    List<Condition> parseList(String place, @Nullable JsonNode list) {
        if (list == null || !list.isArray()) {
            throw new RuleException(place, "a list of conditions", RuleJson.shown(list));
        }
        List<Condition> conditions = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            conditions.add(parse(RuleText.element(place, i), list.get(i)));
        }
        return conditions;
    }

    private Condition parse(String place, JsonNode node) {
        RuleObject condition = RuleObject.of(place, node, "a condition such as {\"equal\": \"mode\"}");
        for (String other : OTHERS) {
            if (condition.has(other)) {
                throw new RuleException(
                        place, "\"equal\", the only condition that this version knows", "\"" + other + "\"");
            }
        }
        if (condition.has("optionalAfter")) {
            throw new RuleException(
                    place, "\"equal\" alone, which is all that this version knows", "\"optionalAfter\"");
        }
        condition.allowOnly(KNOWN);
        JsonNode names = condition.get("equal");
        if (names == null) {
            throw new RuleException(place, "a condition such as {\"equal\": \"mode\"}", RuleJson.shown(node));
        }
        return new Equal(names(condition.at("equal"), names));
    }

    /** One name of a declared attribute, or a list of them. */
    private List<Attribute> names(String place, JsonNode node) {
        if (!node.isArray()) {
            return List.of(name(place, node));
        }
        if (node.isEmpty()) {
            throw new RuleException(place, "the name of a declared attribute, or a list of names", "[]");
        }
        List<Attribute> named = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            named.add(name(RuleText.element(place, i), node.get(i)));
        }
        return named;
    }

    private Attribute name(String place, JsonNode node) {
        String wanted = "the name of a declared attribute";
        if (!node.isTextual()) {
            throw new RuleException(place, wanted, RuleJson.shown(node));
        }
        String name = node.textValue();
        Attribute attribute = attributes.find(name);
        if (attribute == null) {
            String suggestion = attributes.names().isEmpty()
                    ? ", while none is declared under \"attributes\""
                    : RuleText.suggestion(name, attributes.names());
            throw new RuleException(place, wanted, RuleText.quoted(name) + suggestion);
        }
        return attribute;
    }
}
