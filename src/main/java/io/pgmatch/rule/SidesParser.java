package io.pgmatch.rule;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Parses a {@code sides} condition. */
final class SidesParser {
    private SidesParser() {}

    /**
     * The sides that form pairs.
     *
     * @throws RuleException if the condition breaks the language
     */
    static Sides parse(RuleObject object, Attributes attributes) {
        Attribute attribute = attributes.named(object.at("sides"), object.get("sides"), Type.TEXT);
        JsonNode pairs = object.get("pairs");
        if (pairs == null || !pairs.isArray() || pairs.isEmpty()) {
            throw new RuleException(
                    object.at("pairs"), "a list of pairs such as [[\"buy\", \"sell\"]]", RuleJson.shown(pairs));
        }
        Map<String, Set<String>> partners = new LinkedHashMap<>();
        for (int i = 0; i < pairs.size(); i++) {
            String place = RuleText.element(object.at("pairs"), i);
            JsonNode pair = pairs.get(i);
            if (!pair.isArray() || pair.size() != 2) {
                throw new RuleException(place, "two sides such as [\"buy\", \"sell\"]", RuleJson.shown(pair));
            }
            String one = side(RuleText.element(place, 0), pair.get(0), attribute);
            String other = side(RuleText.element(place, 1), pair.get(1), attribute);
            partners.computeIfAbsent(one, key -> new LinkedHashSet<>()).add(other);
            partners.computeIfAbsent(other, key -> new LinkedHashSet<>()).add(one);
        }
        return new Sides(attribute, partners);
    }

    private static String side(String place, JsonNode node, Attribute attribute) {
        if (!node.isTextual()) {
            throw new RuleException(place, attribute.wanted(), RuleJson.shown(node));
        }
        String side = node.textValue();
        if (!attribute.allows(side)) {
            String suggestion = RuleText.suggestion(
                    side, attribute.oneOf().stream().map(Object::toString).toList());
            throw new RuleException(place, attribute.wanted(), RuleText.quoted(side) + suggestion);
        }
        return side;
    }
}
