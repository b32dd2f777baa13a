package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Declarations, and tasks checked by them. */
class AttributesTest {
    @Test
    void declarationsAreHeldToTheLanguage() {
        assertDeclarationRefused(
                "{}",
                "attributes.x.type: wanted \"text\", \"number\", \"boolean\", \"set\","
                        + " \"range\" or \"time\", got nothing");
        assertDeclarationRefused(
                "{\"type\": \"txt\"}",
                "attributes.x.type: wanted \"text\", \"number\", \"boolean\","
                        + " \"set\", \"range\" or \"time\", got \"txt\"; did you mean \"text\"?");
        assertDeclarationRefused("\"text\"", "attributes.x: wanted a declaration such as {\"type\": \"text\"}, got");
        assertDeclarationRefused(
                "{\"type\": \"text\", \"optional\": 1}", "attributes.x.optional: wanted true or false, got 1");
        assertDeclarationRefused(
                "{\"type\": \"text\", \"optional\": true, \"default\": \"a\"}",
                "attributes.x: wanted either optional or default, got both");
        assertDeclarationRefused(
                "{\"type\": \"boolean\", \"oneOf\": [true]}",
                "attributes.x.oneOf: wanted it only with type \"text\" or \"number\", got it with \"boolean\"");
        assertDeclarationRefused(
                "{\"type\": \"text\", \"oneOf\": []}",
                "attributes.x.oneOf: wanted a list of at least one value, got []");
        assertDeclarationRefused(
                "{\"type\": \"text\", \"oneOf\": [\"a\", 1]}", "attributes.x.oneOf[1]: wanted a text, got 1");
        assertDeclarationRefused(
                "{\"type\": \"number\", \"oneOf\": [1, 1.0]}", "attributes.x.oneOf[1]: wanted each value once, got");
    }

    @Test
    void aDefaultSatisfiesItsDeclaration() {
        assertDeclarationRefused(
                "{\"type\": \"text\", \"default\": null}", "attributes.x.default: wanted a text, got null");
        assertDeclarationRefused("{\"type\": \"number\", \"default\": \"1\"}", "attributes.x.default: wanted a number");
        assertDeclarationRefused(
                "{\"type\": \"text\", \"oneOf\": [\"a\"], \"default\": \"b\"}",
                "attributes.x.default: wanted one of [\"a\"], got \"b\"");
        assertThat(ruleOf("{\"type\": \"number\", \"oneOf\": [1, 2], \"default\": 2.0}"))
                .isNotNull();
        assertThat(ruleOf("{\"type\": \"set\", \"default\": []}")).isNotNull();
    }

    @Test
    void requiredValuesMustBeThereAndNullIsNothing() {
        Rule rule = ruleOf("{\"type\": \"number\"}");

        assertTaskRefused(
                rule, "{}", "attribute \"x\": wanted a number within ±1e100 with at most 100 decimals, got nothing");
        assertTaskRefused(rule, "{\"x\": null}", "attribute \"x\": wanted a number within");
        assertTaskRefused(
                rule,
                "{\"x\": \"nine\"}",
                "attribute \"x\": wanted a number within ±1e100 with at most" + " 100 decimals, got \"nine\"");
        assertTaskRefused(
                rule,
                "{\"x\": {\"y\": 1}}",
                "attribute \"x\": wanted a number within ±1e100 with at most" + " 100 decimals, got {\"y\":1}");
        assertTaskRefused(rule, "[]", "attributes: wanted a JSON object, got []");
        assertTaskRefused(rule, "{", "attributes: wanted a JSON object, got {");
        assertTaskAllowed(rule, "{\"y\": [{}], \"x\": 1}");
    }

    @Test
    void ofAKeyThatComesTwiceTheLastValueCounts() {
        assertTaskAllowed(ruleOf("{\"type\": \"number\"}"), "{\"x\": \"a\", \"x\": 1}");
        assertTaskRefused(ruleOf("{\"type\": \"number\"}"), "{\"x\": 1, \"x\": null}", "attribute \"x\": wanted");
    }

    @Test
    void optionalAndDefaultedValuesMayBeMissing() {
        assertTaskAllowed(ruleOf("{\"type\": \"number\", \"optional\": true}"), "{}");
        assertTaskAllowed(ruleOf("{\"type\": \"number\", \"default\": 3}"), "{\"x\": null}");
    }

    @Test
    void onlyTheListedValuesAreAllowed() {
        Rule rule = ruleOf("{\"type\": \"number\", \"oneOf\": [1, 2.50]}");

        assertTaskAllowed(rule, "{\"x\": 1.0}");
        assertTaskAllowed(rule, "{\"x\": 2.5}");
        assertTaskRefused(rule, "{\"x\": 2.51}", "attribute \"x\": wanted one of [1, 2.5], got 2.51");
    }

    @Test
    void missingOptionalValuesEqualNothing() {
        Rule rule = Rule.parse("{\"attributes\": {\"x\": {\"type\": \"text\", \"optional\": true}},"
                + " \"match\": [{\"equal\": \"x\"}]}");

        assertThat(accepts(rule, "{}", "{}")).isFalse();
        assertThat(accepts(rule, "{\"x\": \"a\"}", "{}")).isFalse();
        assertThat(accepts(rule, "{\"x\": \"a\"}", "{\"x\": \"a\"}")).isTrue();
    }

    @Test
    void defaultsTakePartInEquality() {
        Rule rule = Rule.parse("{\"attributes\": {\"x\": {\"type\": \"number\", \"default\": 1}},"
                + " \"match\": [{\"equal\": \"x\"}]}");

        assertThat(accepts(rule, "{}", "{\"x\": 1.00}")).isTrue();
        assertThat(accepts(rule, "{}", "{\"x\": 2}")).isFalse();
    }

    @Test
    void valuesAreEqualByMeaningNotBySpelling() {
        assertEqual("number", "1", "1.0", "10e-1");
        assertEqual("number", "1500", "1.5e3");
        assertEqual("number", "0", "-0.0", "0e5");
        assertEqual("time", "\"2026-05-01\"", "\"2026-05-01T00:00Z\"", "\"2026-05-01t02:00:00.000+0200\"");
        assertEqual("set", "[1, \"a\"]", "[\"a\", 1.0, 1]");
        assertEqual("range", "[1, null]", "[1.0, null]");
        assertEqual("boolean", "true", "true");
        assertDiffer("text", "\"a\"", "\"A\"");
        assertDiffer("text", "\"\\u00e9\"", "\"e\\u0301\"");
        assertDiffer("set", "[1]", "[\"1\"]");
        assertDiffer("number", "0.3", "0.30000000000000004");
        assertDiffer("range", "[1, null]", "[1, 2]");
        assertDiffer("boolean", "true", "false");
    }

    private static void assertEqual(String type, String first, String... others) {
        for (String other : others) {
            assertThat(accepts(equalRule(type), "{\"x\": " + first + "}", "{\"x\": " + other + "}"))
                    .as("%s = %s", first, other)
                    .isTrue();
        }
    }

    private static void assertDiffer(String type, String first, String other) {
        assertThat(accepts(equalRule(type), "{\"x\": " + first + "}", "{\"x\": " + other + "}"))
                .as("%s <> %s", first, other)
                .isFalse();
    }

    private static Rule equalRule(String type) {
        return Rule.parse("{\"attributes\": {\"x\": {\"type\": \"" + type + "\"}}, \"match\": [{\"equal\": \"x\"}]}");
    }

    private static boolean accepts(Rule rule, String one, String other) {
        Subject first = rule.subject(1, one, Instant.EPOCH);
        Subject second = rule.subject(2, other, Instant.EPOCH);
        boolean accepts = rule.accepts(first, second, Instant.EPOCH);
        assertThat(rule.accepts(second, first, Instant.EPOCH)).isEqualTo(accepts);
        return accepts;
    }

    private static Rule ruleOf(String declaration) {
        return Rule.parse("{\"attributes\": {\"x\": " + declaration + "}, \"match\": []}");
    }

    private static void assertDeclarationRefused(String declaration, String message) {
        assertThatThrownBy(() -> ruleOf(declaration))
                .isInstanceOf(RuleException.class)
                .hasMessageStartingWith(message);
    }

    private static void assertTaskRefused(Rule rule, String attributes, String message) {
        assertThatThrownBy(() -> rule.check(attributes))
                .isInstanceOf(RuleException.class)
                .hasMessageStartingWith(message);
    }

    private static void assertTaskAllowed(Rule rule, String attributes) {
        rule.check(attributes);
    }
}
