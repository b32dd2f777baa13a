package io.pgmatch.rule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What the database needs of a rule, to check tasks on insert and to narrow the search. */
final class Program {
    private Program() {}

    /** The program as compact JSON, from the parsed rule and the document that it came from. */
    static String compile(JsonNode document, Attributes attributes, AllOf match) {
        ObjectNode program = JsonNodeFactory.instance.objectNode();
        ArrayNode declarations = program.putArray("attributes");
        for (Attribute attribute : attributes.declared()) {
            JsonNode declared = document.path("attributes").path(attribute.name());
            ObjectNode declaration = declarations.addObject();
            declaration.put("name", attribute.name());
            declaration.put("type", attribute.type().word());
            if (attribute.optional()) {
                declaration.put("optional", true);
            }
            for (String key : List.of("default", "oneOf")) {
                if (declared.has(key)) {
                    declaration.set(key, declared.get(key));
                }
            }
        }
        ArrayNode bucket = program.putArray("bucket");
        Set<String> names = new TreeSet<>();
        collectEqual(match, names);
        names.forEach(bucket::add);
        return RuleJson.write(program);
    }

    /** What must be equal in every pair, however long the two have waited. */
    private static void collectEqual(AllOf conditions, Set<String> names) {
        for (Clause clause : conditions.parts()) {
            if (clause.isLasting() && clause.condition() instanceof Equal equal) {
                equal.attributes().forEach(attribute -> names.add(attribute.name()));
            } else if (clause.isLasting() && clause.condition() instanceof AllOf all) {
                collectEqual(all, names);
            }
        }
    }
}
