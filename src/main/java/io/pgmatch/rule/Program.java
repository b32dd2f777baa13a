package io.pgmatch.rule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgmatch.rule.PreferenceOrders.Source;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the database needs of a rule, to check tasks on insert and to narrow the search. */
final class Program {
    private Program() {}

    /**
     * The program as compact JSON, from the parsed rule and the document that it came from:
     * attributes, defaults, bucket, and where the rule has them sides, rank and preference.
     * V002__admission.sql says what each means.
     */
    static String compile(JsonNode document, Attributes attributes, Narrowing narrowing) {
        ObjectNode program = object();
        ArrayNode declarations = program.putArray("attributes");
        ObjectNode defaults = program.putObject("defaults");
        for (Attribute attribute : attributes.declared()) {
            JsonNode declared = document.path("attributes").path(attribute.name());
            ObjectNode declaration = declarations.addObject();
            declaration.put("name", attribute.name());
            declaration.put("type", attribute.type().word());
            if (attribute.optional()) {
                declaration.put("optional", true);
            }
            if (declared.has("oneOf")) {
                declaration.set("oneOf", declared.get("oneOf"));
            }
            if (declared.has("default")) {
                defaults.set(attribute.name(), declared.get("default"));
            }
        }
        ArrayNode bucket = program.putArray("bucket");
        narrowing.equal().forEach(bucket::add);
        Sides sides = narrowing.sides();
        if (sides != null) {
            putSides(program.putObject("sides"), sides);
        }
        ObjectNode rank = ranks(narrowing.orders(), sides);
        Ranking ranking = narrowing.ranking();
        if (ranking != null && ranking.isRequired()) {
            rank.put("required", true);
        }
        if (!rank.isEmpty()) {
            program.set("rank", rank);
        }
        putPreference(program, narrowing.orders(), sides);
        return RuleJson.write(program);
    }

    private static void putSides(ObjectNode node, Sides sides) {
        node.put("attribute", sides.attribute().name());
        ObjectNode partners = node.putObject("partners");
        new TreeMap<>(sides.partners()).forEach((side, others) -> {
            ArrayNode names = partners.putArray(side);
            new TreeSet<>(others).forEach(names::add);
        });
    }

    private static ObjectNode ranks(PreferenceOrders orders, @Nullable Sides sides) {
        if (sides == null) {
            return source(orders.rank(null));
        }
        ObjectNode bySide = object();
        for (String side : new TreeSet<>(sides.partners().keySet())) {
            ObjectNode source = source(orders.rank(side));
            if (!source.isEmpty()) {
                bySide.set(side, source);
            }
        }
        return bySide.isEmpty() ? bySide : object().set("bySide", bySide);
    }

    private static void putPreference(ObjectNode program, PreferenceOrders orders, @Nullable Sides sides) {
        if (sides == null) {
            Source source = orders.preference(null);
            if (source != null) {
                program.set("preference", source(source));
            }
            return;
        }
        ObjectNode bySide = object();
        for (String side : new TreeSet<>(sides.partners().keySet())) {
            Source source = orders.preference(side);
            if (source != null) {
                bySide.set(side, source(source));
            }
        }
        if (!bySide.isEmpty()) {
            program.putObject("preference").set("bySide", bySide);
        }
    }

    private static ObjectNode source(Source source) {
        ObjectNode node = object();
        if (source.attribute() != null) {
            node.put("attribute", source.attribute().name());
            if (source.descending()) {
                node.put("descending", true);
            }
        }
        return node;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
