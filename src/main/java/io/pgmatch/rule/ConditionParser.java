package io.pgmatch.rule;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Parses conditions, with the attributes and sides that they may name. */
final class ConditionParser {
    /** What each condition may say beside its own word and {@code optionalAfter}. */
    private static final Map<String, List<String>> OTHER_KEYS = otherKeys();

    private static final String EXAMPLE = "a condition such as {\"equal\": \"mode\"}";

    private final Attributes attributes;
    private final RuleLanguage language;
    private final SideNames sides;

    /**
     * A parser of the conditions of one rule.
     *
     * @param match the whole list of conditions: sides may be named before the condition that
     *     brings them
     */
    ConditionParser(Attributes attributes, RuleLanguage language, @Nullable JsonNode match) {
        this.attributes = attributes;
        this.language = language;
        List<Sides> found = new ArrayList<>();
        if (match != null) {
            collectSides("match", match, found);
        }
        this.sides = new SideNames(attributes, found);
    }

    /** The words that conditions begin with. */
    static List<String> words() {
        return List.copyOf(OTHER_KEYS.keySet());
    }

    /** The keys that a condition may have beside its own word. */
    static List<String> otherKeys(String word) {
        return Stream.concat(OTHER_KEYS.getOrDefault(word, List.of()).stream(), Stream.of("optionalAfter"))
                .toList();
    }

    SideNames sides() {
        return sides;
    }

    /**
     * The conditions in the list at {@code place}.
     *
     * @param positive whether an even number of nots encloses the list
     * @throws RuleException if one breaks the language
     */
    List<Clause> parseList(String place, @Nullable JsonNode list, boolean positive) {
        if (list == null || !list.isArray()) {
            throw new RuleException(place, "a list of conditions", RuleJson.shown(list));
        }
        List<Clause> clauses = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            clauses.add(parse(RuleText.element(place, i), list.get(i), positive));
        }
        return clauses;
    }

    private Clause parse(String place, JsonNode node, boolean positive) {
        RuleObject object = RuleObject.of(place, node, EXAMPLE);
        String word = word(object);
        language.requireKnown(place, word);
        object.allowOnly(
                Stream.concat(Stream.of(word), otherKeys(word).stream()).toList());
        for (String key : List.of("widen", "steps", "optionalAfter")) {
            if (object.has(key)) {
                language.requireKnown(object.at(key), key);
            }
        }
        long optionalAfterMicros =
                object.has("optionalAfter") ? object.durationMicros("optionalAfter", 1) : Waiting.NEVER_MICROS;
        return new Clause(
                place, RuleJson.write(node), condition(word, object, positive), optionalAfterMicros, positive);
    }

    private Condition condition(String word, RuleObject object, boolean positive) {
        String place = object.at(word);
        JsonNode subject = object.node().path(word);
        return switch (word) {
            case "equal" -> new Equal(names(place, subject));
            case "different" -> new Different(attributes.named(place, subject));
            case "distance" -> distance(object, attributes.named(place, subject, Type.NUMBER, Type.TIME));
            case "sides" -> sides(object);
            case "compare" -> compare(place, subject);
            case "overlap" -> new Overlap(attributes.named(place, subject, Type.SET), min(object));
            case "within" ->
                new Within(
                        attributes.named(place, subject, Type.NUMBER),
                        attributes.named(object.at("range"), object.get("range"), Type.RANGE));
            case "excludes" ->
                new Excludes(
                        attributes.named(place, subject, Type.TEXT, Type.NUMBER),
                        attributes.named(object.at("list"), object.get("list"), Type.SET));
            case "any" -> new AnyOf(parts(place, subject, positive));
            case "all" -> new AllOf(parts(place, subject, positive));
            case "not" -> new Not(parse(place, subject, !positive));
            case "java" -> language.load(place, object.text("java", "the name of a class"), attributes.declared());
            default -> throw new IllegalStateException("A condition without a parser: " + word);
        };
    }

    private static String word(RuleObject object) {
        List<String> found = OTHER_KEYS.keySet().stream().filter(object::has).toList();
        if (found.size() > 1) {
            throw new RuleException(
                    object.place(),
                    "one condition",
                    RuleText.quoted(found.get(0)) + " and " + RuleText.quoted(found.get(1)));
        }
        if (found.size() == 1) {
            return found.get(0);
        }
        if (object.node().isEmpty()) {
            throw new RuleException(object.place(), EXAMPLE, "{}");
        }
        String key = object.node().fieldNames().next();
        throw new RuleException(
                object.at(key),
                "one of the conditions " + RuleText.alternatives(words()),
                RuleText.quoted(key) + RuleText.suggestion(key, words()));
    }

    /** One name of a declared attribute, or a list of them. */
    private List<Attribute> names(String place, JsonNode node) {
        if (!node.isArray()) {
            return List.of(attributes.named(place, node));
        }
        if (node.isEmpty()) {
            throw new RuleException(place, "the name of a declared attribute, or a list of names", "[]");
        }
        List<Attribute> named = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            named.add(attributes.named(RuleText.element(place, i), node.get(i)));
        }
        return named;
    }

    private static Distance distance(RuleObject object, Attribute attribute) {
        BoundParser parser = new BoundParser(object, attribute.type());
        return new Distance(attribute, parser.parse(), parser.isPercent());
    }

    private Sides sides(RuleObject object) {
        return SidesParser.parse(object, attributes);
    }

    private Compare compare(String place, JsonNode node) {
        String wanted = "two sides' attributes and an operator, such as [\"buy.price\", \">=\", \"sell.price\"]";
        if (!node.isArray() || node.size() != 3) {
            throw new RuleException(place, wanted, RuleJson.shown(node));
        }
        if (sides.isEmpty()) {
            throw new RuleException(place, "a \"sides\" condition in the rule, which says what the sides are", "none");
        }
        Operand left = operand(RuleText.element(place, 0), node.get(0));
        Operand right = operand(RuleText.element(place, 2), node.get(2));
        String word = node.get(1).isTextual() ? node.get(1).textValue() : "";
        Compare.Operator operator = Compare.Operator.of(word);
        if (operator == null) {
            throw new RuleException(
                    RuleText.element(place, 1),
                    RuleText.alternatives(Compare.Operator.words()),
                    RuleJson.shown(node.get(1)));
        }
        Type type = left.attribute().type();
        if (type != right.attribute().type()) {
            throw new RuleException(
                    place,
                    "two attributes of one type",
                    "\"" + type.word() + "\" and \"" + right.attribute().type().word() + "\"");
        }
        if (operator.isOrder()) {
            Attributes.requireType(
                    RuleText.element(place, 0), left.name(), left.attribute(), Type.NUMBER, Type.TIME, Type.TEXT);
        }
        if (!sides.canMeet(left, right)) {
            throw new RuleException(
                    place,
                    "two sides that form a pair",
                    RuleText.quoted(left.name()) + " and " + RuleText.quoted(right.name()));
        }
        return new Compare(left, operator, right);
    }

    private Operand operand(String place, JsonNode node) {
        String wanted = "a side's attribute such as \"buy.price\"";
        if (!node.isTextual()) {
            throw new RuleException(place, wanted, RuleJson.shown(node));
        }
        List<Operand> meanings = sides.meanings(node.textValue());
        if (meanings.isEmpty()) {
            throw new RuleException(
                    place,
                    wanted,
                    RuleText.quoted(node.textValue()) + RuleText.suggestion(node.textValue(), sides.examples()));
        }
        if (meanings.size() > 1) {
            throw new RuleException(
                    place, "a name with one meaning", RuleText.quoted(node.textValue()) + ", which has several");
        }
        return meanings.get(0);
    }

    private static int min(RuleObject object) {
        if (!object.has("min")) {
            return 1;
        }
        BigDecimal min = object.number("min");
        if (min.scale() > 0 || min.signum() <= 0 || min.compareTo(BigDecimal.valueOf(RuleJson.BYTES_MAX)) > 0) {
            throw new RuleException(
                    object.at("min"),
                    "a whole number from 1 to " + RuleJson.BYTES_MAX,
                    RuleJson.shown(object.get("min")));
        }
        return min.intValueExact();
    }

    private List<Clause> parts(String place, JsonNode node, boolean positive) {
        if (!node.isArray() || node.isEmpty()) {
            throw new RuleException(place, "a list of at least one condition", RuleJson.shown(node));
        }
        return parseList(place, node, positive);
    }

    /** Finds the sides before all else is parsed; what is malformed is left for later to refuse. */
    private void collectSides(String place, JsonNode node, List<Sides> found) {
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                collectSides(RuleText.element(place, i), node.get(i), found);
            }
        } else if (node.has("sides")) {
            found.add(sides(RuleObject.of(place, node, EXAMPLE)));
        } else {
            for (String word : List.of("any", "all", "not")) {
                if (node.has(word)) {
                    collectSides(RuleText.member(place, word), node.get(word), found);
                }
            }
        }
    }

    private static Map<String, List<String>> otherKeys() {
        Map<String, List<String>> keys = new LinkedHashMap<>();
        keys.put("equal", List.of());
        keys.put("different", List.of());
        keys.put("distance", List.of("max", "maxPercent", "widen", "steps"));
        keys.put("sides", List.of("pairs"));
        keys.put("compare", List.of());
        keys.put("overlap", List.of("min"));
        keys.put("within", List.of("range"));
        keys.put("excludes", List.of("list"));
        keys.put("any", List.of());
        keys.put("all", List.of());
        keys.put("not", List.of());
        keys.put("java", List.of());
        return keys;
    }
}
