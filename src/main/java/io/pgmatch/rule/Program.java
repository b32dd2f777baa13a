package io.pgmatch.rule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the database needs of a rule, to check tasks on insert and to narrow the search. */
final class Program {
    private Program() {}

    /**
     * The program as compact JSON, from the parsed rule and the document that it came from:
     * attributes, defaults, bucket, and where the rule has them sides and rank. V002__admission.sql
     * says what each means.
     */
    static String compile(JsonNode document, Attributes attributes, Narrowing narrowing) {
        ObjectNode program = JsonNodeFactory.instance.objectNode();
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
        putRank(program, narrowing, sides);
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

    private static void putRank(ObjectNode program, Narrowing narrowing, @Nullable Sides sides) {
        ObjectNode rank = JsonNodeFactory.instance.objectNode();
        if (sides == null) {
            putRankOf(rank, narrowing, null);
        } else {
            ObjectNode bySide = JsonNodeFactory.instance.objectNode();
            for (String side : new TreeSet<>(sides.partners().keySet())) {
                ObjectNode rankOfSide = JsonNodeFactory.instance.objectNode();
                putRankOf(rankOfSide, narrowing, side);
                if (!rankOfSide.isEmpty()) {
                    bySide.set(side, rankOfSide);
                }
            }
            if (!bySide.isEmpty()) {
                rank.set("bySide", bySide);
            }
        }
        Ranking ranking = narrowing.ranking();
        if (ranking != null && ranking.isRequired()) {
            rank.put("required", true);
        }
        if (!rank.isEmpty()) {
            program.set("rank", rank);
        }
    }

    private static void putRankOf(ObjectNode rank, Narrowing narrowing, @Nullable String side) {
        Attribute attribute = narrowing.rankedBy(side);
        if (attribute != null) {
            rank.put("attribute", attribute.name());
            if (narrowing.isDescending(side)) {
                rank.put("descending", true);
            }
        }
    }
}
