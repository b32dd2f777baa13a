package io.pgmatch.rule;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The declared attributes of a rule. */
final class Attributes {
    private final List<Attribute> declared;
    private final Map<String, Attribute> byName = new LinkedHashMap<>();

    Attributes(List<Attribute> declared) {
        this.declared = List.copyOf(declared);
        declared.forEach(attribute -> byName.put(attribute.name(), attribute));
    }

    /** The attributes in the order of declaration, which is the order of their slots. */
    List<Attribute> declared() {
        return declared;
    }

    Set<String> names() {
        return byName.keySet();
    }

    @Nullable
    Attribute find(String name) {
        return byName.get(name);
    }

    /**
     * The attribute that {@code node} names.
     *
     * @throws RuleException if it names none that is declared
     */
    Attribute named(String place, @Nullable JsonNode node) {
        String wanted = "the name of a declared attribute";
        if (node == null || !node.isTextual()) {
            throw new RuleException(place, wanted, RuleJson.shown(node));
        }
        String name = node.textValue();
        Attribute attribute = byName.get(name);
        if (attribute == null) {
            String suggestion = byName.isEmpty()
                    ? ", while none is declared under \"attributes\""
                    : RuleText.suggestion(name, names());
            throw new RuleException(place, wanted, RuleText.quoted(name) + suggestion);
        }
        return attribute;
    }

    /**
     * The attribute of one of the types that {@code node} names.
     *
     * @throws RuleException if it names none that is declared, or one of another type
     */
    Attribute named(String place, @Nullable JsonNode node, Type... types) {
        Attribute attribute = named(place, node);
        requireType(place, attribute.name(), attribute, types);
        return attribute;
    }

    /** Refuses an attribute of another type than these. */
    static void requireType(String place, String name, Attribute attribute, Type... types) {
        List<Type> allowed = Arrays.asList(types);
        if (!allowed.contains(attribute.type())) {
            String wanted =
                    RuleText.alternatives(allowed.stream().map(Type::word).toList());
            throw new RuleException(
                    place,
                    "an attribute of type " + wanted,
                    RuleText.quoted(name) + " of type \"" + attribute.type().word() + "\"");
        }
    }
}
