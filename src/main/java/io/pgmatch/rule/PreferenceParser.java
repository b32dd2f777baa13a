package io.pgmatch.rule;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses the list under {@code prefer}. */
final class PreferenceParser {
    private static final List<String> WORDS = List.of("nearest", "lowest", "highest");
    private static final String WANTED = "\"oldest\" or a preference such as {\"nearest\": \"rating\"}";

    private final Attributes attributes;
    private final RuleLanguage language;
    private final SideNames sides;

    PreferenceParser(Attributes attributes, RuleLanguage language, SideNames sides) {
        this.attributes = attributes;
        this.language = language;
        this.sides = sides;
    }

    /** The words that preferences begin with, {@code oldest} aside. */
    static List<String> words() {
        return WORDS;
    }

    /**
     * The preferences in {@code node}, in order; the oldest alone if it is null.
     *
     * @throws RuleException if one breaks the language
     */
    List<Preference> parse(@Nullable JsonNode node) {
        if (node == null) {
            return List.of();
        }
        if (!node.isArray()) {
            throw new RuleException("prefer", "a list of preferences such as [\"oldest\"]", RuleJson.shown(node));
        }
        List<Preference> preferences = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            preferences.add(preference(RuleText.element("prefer", i), node.get(i)));
        }
        return preferences;
    }

    private Preference preference(String place, JsonNode node) {
        if (node.isTextual()) {
            if (node.textValue().equals("oldest")) {
                return new Preference.Oldest();
            }
            throw new RuleException(
                    place,
                    WANTED,
                    RuleText.quoted(node.textValue()) + RuleText.suggestion(node.textValue(), List.of("oldest")));
        }
        RuleObject object = RuleObject.of(place, node, WANTED);
        object.allowOnly(WORDS);
        if (node.size() != 1) {
            throw new RuleException(place, WANTED, RuleJson.shown(node));
        }
        String word = node.fieldNames().next();
        language.requireKnown(place, word);
        Operand operand = operand(object.at(word), node.path(word));
        Attributes.requireType(object.at(word), operand.name(), operand.attribute(), Type.NUMBER, Type.TIME);
        return word.equals("nearest")
                ? new Preference.Nearest(operand)
                : new Preference.Extreme(operand, word.equals("highest"));
    }

    private Operand operand(String place, JsonNode node) {
        String name = node.isTextual() ? node.textValue() : "";
        List<Operand> meanings = new ArrayList<>(sides.meanings(name));
        Attribute plain = attributes.find(name);
        if (plain != null) {
            meanings.add(new Operand(name, plain, null, null));
        }
        if (meanings.size() == 1) {
            return meanings.get(0);
        }
        if (meanings.size() > 1) {
            throw new RuleException(place, "a name with one meaning", RuleText.quoted(name) + ", which has several");
        }
        Collection<String> known = new LinkedHashSet<>(attributes.names());
        known.addAll(sides.examples());
        throw new RuleException(
                place,
                "the name of a declared attribute" + (sides.isEmpty() ? "" : ", or a side's such as \"buy.price\""),
                RuleJson.shown(node) + (node.isTextual() ? RuleText.suggestion(name, known) : ""));
    }
}
