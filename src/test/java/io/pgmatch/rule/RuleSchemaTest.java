package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds docs/rule.schema.json to the parser: what the parser accepts, the schema does too. */
class RuleSchemaTest {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    private static final int RULES = 1_500;

    private final JsonNode schema = read(Path.of("docs/rule.schema.json"));
    private final SchemaChecker checker = new SchemaChecker(schema);

    @Test
    void theSchemaHasTheParsersWords() {
        Map<String, Set<String>> keys = new TreeMap<>();
        for (JsonNode reference : schema.at("/$defs/condition/anyOf")) {
            JsonNode condition = schema.at(reference.get("$ref").textValue().substring(1));
            String word = condition.get("required").get(0).textValue();
            condition
                    .get("properties")
                    .fieldNames()
                    .forEachRemaining(key ->
                            keys.computeIfAbsent(word, w -> new TreeSet<>()).add(key));
        }
        Map<String, Set<String>> parsed = new TreeMap<>();
        for (String word : ConditionParser.words()) {
            parsed.put(word, new TreeSet<>(ConditionParser.otherKeys(word)));
            parsed.computeIfPresent(word, (w, others) -> {
                others.add(w);
                return others;
            });
        }

        assertThat(keys).isEqualTo(parsed);
        assertThat(texts(schema.at("/properties/clock/enum"))).isEqualTo(Clock.words());
        assertThat(texts(schema.at("/$defs/compare/properties/compare/prefixItems/1/enum")))
                .isEqualTo(Compare.Operator.words());
        assertThat(names(schema.at("/$defs/preference/anyOf/1/properties"))).isEqualTo(PreferenceParser.words());
        assertThat(StreamSupport.stream(schema.at("/$defs/attribute/anyOf").spliterator(), false)
                        .map(type -> type.at("/properties/type/const").textValue()))
                .isEqualTo(Type.words());
        assertThat(names(schema.get("properties"))).containsExactly("attributes", "match", "prefer", "clock");
    }

    @Test
    void everyRuleOfTheCasesAndEveryRandomRuleFitsTheSchema() throws IOException {
        for (Path file : CaseTest.cases().toList()) {
            assertThat(checker.accepts(read(file).get("rule")))
                    .as(file.toString())
                    .isTrue();
        }
        for (long seed = 0; seed < RULES; seed++) {
            JsonNode rule = read(new RandomRules(seed).rule());
            assertThat(checker.accepts(rule)).as("%s", rule).isTrue();
        }
    }

    @Test
    void whatTheSchemaRefusesTheParserRefuses() {
        int refused = 0;
        for (long seed = 0; seed < RULES; seed++) {
            JsonNode rule = read(new RandomRules(seed).rule());
            Random random = new Random(seed);
            for (int i = 0; i < 10; i++) {
                JsonNode broken = rule.deepCopy();
                damage(broken, random);
                if (!checker.accepts(broken)) {
                    refused++;
                    assertThatThrownBy(() -> Rule.parse(broken.toString()))
                            .as("%s", broken)
                            .isInstanceOf(RuleException.class);
                }
            }
        }
        assertThat(refused).isGreaterThan(RULES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'match': {}}",
                "{'match': [], 'clock': 'latest'}",
                "{'match': [], 'prefer': 'oldest'}",
                "{'match': [], 'prefer': ['newest']}",
                "{'match': [], 'prefer': [{}]}",
                "{'match': [], 'prefer': [{'nearest': 'a', 'lowest': 'b'}]}",
                "{'match': [], 'mtach': []}",
                "{'match': [{}]}",
                "{'match': [{'equal': 'a', 'different': 'b'}]}",
                "{'match': [{'equal': []}]}",
                "{'match': [{'distance': 'a'}]}",
                "{'match': [{'distance': 'a', 'max': 1, 'maxPercent': 1}]}",
                "{'match': [{'distance': 'a', 'max': -1}]}",
                "{'match': [{'distance': 'a', 'max': '5'}]}",
                "{'match': [{'distance': 'a', 'max': 1, 'widen': {'every': '5s', 'by': '5s', 'limit': 7}}]}",
                "{'match': [{'distance': 'a', 'max': 1, 'widen': {'every': '5s', 'by': 0, 'limit': 7}}]}",
                "{'match': [{'distance': 'a', 'max': 1, 'widen': {'every': '5s', 'by': 1}}]}",
                "{'match': [{'distance': 'a', 'max': 1, 'steps': [{'after': '1s', 'maxPercent': 5}]}]}",
                "{'match': [{'distance': 'a', 'max': 1, 'steps': [{'after': '1s', 'max': 5}],"
                        + " 'widen': {'every': '5s', 'by': 1, 'limit': 7}}]}",
                "{'match': [{'sides': 'a'}]}",
                "{'match': [{'sides': 'a', 'pairs': [['x']]}]}",
                "{'match': [{'compare': ['a', '==', 'b']}]}",
                "{'match': [{'overlap': 'a', 'min': 0}]}",
                "{'match': [{'within': 'a'}]}",
                "{'match': [{'excludes': 'a'}]}",
                "{'match': [{'any': []}]}",
                "{'match': [{'not': []}]}",
                "{'match': [{'java': 1}]}",
                "{'match': [], 'attributes': {'a': {}}}",
                "{'match': [], 'attributes': {'': {'type': 'text'}}}",
                "{'match': [], 'attributes': {'a': {'type': 'txt'}}}",
                "{'match': [], 'attributes': {'a': {'type': 'set', 'oneOf': ['a']}}}",
                "{'match': [], 'attributes': {'a': {'type': 'text', 'default': 1}}}",
                "{'match': [], 'attributes': {'a': {'type': 'time', 'default': 'now'}}}",
                "{'match': [], 'attributes': {'a': {'type': 'text', 'optional': true, 'default': 'a'}}}"
            })
    void aRuleOfTheWrongFormIsRefusedByBoth(String rule) {
        String json = Judging.json(rule);

        assertThat(checker.accepts(read(json))).isFalse();
        assertThatThrownBy(() -> Rule.parse(json)).isInstanceOf(RuleException.class);
    }

    /** Changes one thing somewhere: a key, a value, or an element more or less. */
    private static void damage(JsonNode rule, Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(rule, containers);
        JsonNode container = containers.get(random.nextInt(containers.size()));
        JsonNode other = containers.get(random.nextInt(containers.size())).deepCopy();
        JsonNode wrong = Stream.of(read("null"), read("-1"), read("\"x\""), read("[]"), read("true"), other)
                .toList()
                .get(random.nextInt(6));
        if (container instanceof ArrayNode array) {
            if (array.isEmpty() || random.nextInt(3) == 0) {
                array.add(wrong);
            } else if (random.nextBoolean()) {
                array.remove(random.nextInt(array.size()));
            } else {
                array.set(random.nextInt(array.size()), wrong);
            }
        } else if (container instanceof ObjectNode object) {
            List<String> names = names(object);
            if (names.isEmpty() || random.nextInt(4) == 0) {
                object.set("surplus", wrong);
            } else if (random.nextBoolean()) {
                object.remove(names.get(random.nextInt(names.size())));
            } else {
                object.set(names.get(random.nextInt(names.size())), wrong);
            }
        }
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::textValue)
                .toList();
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static JsonNode read(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    private static JsonNode read(Path file) {
        try {
            return MAPPER.readTree(file.toFile());
        } catch (IOException e) {
            throw new IllegalArgumentException(file.toString(), e);
        }
    }
}
