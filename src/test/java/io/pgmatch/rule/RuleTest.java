package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class RuleTest {
    private static final Instant NOW = Instant.parse("2026-05-01T10:00:00Z");

    @Test
    void anEmptyListOfConditionsLetsAnyTwoMeetButNoTaskItself() {
        Rule rule = Rule.parse("{\"match\": []}");

        assertThat(rule.needs().attributes()).isFalse();
        assertThat(rule.accepts(rule.subject(1, null, NOW), rule.subject(2, null, NOW), NOW))
                .isTrue();
        assertThat(rule.accepts(rule.subject(1, null, NOW), rule.subject(1, null, NOW), NOW))
                .isFalse();
    }

    @Test
    void declarationsWithoutAConditionAreNotRead() {
        Rule rule = Rule.parse("{\"attributes\": {\"mode\": {\"type\": \"text\"}}, \"match\": []}");

        assertThat(rule.needs().attributes()).isFalse();
        assertThat(rule.subject(1, "{}", NOW).id()).isEqualTo(1);
    }

    @Test
    void aSubjectKeepsItsIdAndSinceWhenItWaits() {
        Subject subject = Rule.parse("{\"match\": []}").subject(7, null, NOW);

        assertThat(subject.id()).isEqualTo(7);
        assertThat(subject.insertedAt()).isEqualTo(NOW);
    }

    @Test
    void theSourceIsTheRuleAsCompactJson() {
        assertThat(Rule.parse(" { \"match\" : [ ] ,\n \"clock\" : \"each\" } ").source())
                .isEqualTo("{\"match\":[],\"clock\":\"each\"}");
    }

    @Test
    void theCompiledRuleDeclaresAttributesInOrderAndNamesTheBucketOnceEach() {
        Rule rule = Rule.parse("{\"attributes\": {\"mode\": {\"type\": \"text\", \"default\": \"blitz\","
                + " \"oneOf\": [\"blitz\", \"slow\"]}, \"level\": {\"type\": \"number\", \"optional\": true},"
                + " \"maps\": {\"type\": \"set\", \"optional\": false}},"
                + " \"match\": [{\"equal\": [\"mode\", \"level\"]}, {\"equal\": \"mode\"}]}");

        assertThat(rule.compiled())
                .isEqualTo(
                        "{\"attributes\":[{\"name\":\"mode\",\"type\":\"text\","
                                + "\"oneOf\":[\"blitz\",\"slow\"]},{\"name\":\"level\",\"type\":\"number\",\"optional\":true},"
                                + "{\"name\":\"maps\",\"type\":\"set\"}],\"defaults\":{\"mode\":\"blitz\"},\"bucket\":[\"level\",\"mode\"]}");
    }

    @Test
    void theEmptyRuleCompilesToWhatTheDefaultPoolHas() {
        assertThat(Rule.parse("{\"match\": []}").compiled())
                .isEqualTo("{\"attributes\":[],\"defaults\":{},\"bucket\":[]}");
    }

    @Test
    void whatIsNotJsonIsRefusedWithItsPlace() {
        assertRefused("", "rule: wanted JSON, got nothing");
        assertRefused("  ", "rule: wanted JSON, got nothing");
        assertRefused("{\"match\": [}", "rule: wanted JSON, got line 1, column 12");
        assertRefused("{\"match\": []} x", "rule: wanted JSON, got line 1, column 1");
        assertRefused("{\"match\": []} {}", "rule: wanted JSON, got ");
        assertRefused("{\"match\": NaN}", "rule: wanted JSON, got line 1");
        assertRefused("{\"match\": [], \"match\": []}", "rule: wanted JSON, got line 1");
        assertRefused("[]", "rule: wanted an object such as {\"match\": []}, got []");
        assertRefused("null", "rule: wanted an object such as {\"match\": []}, got null");
    }

    @Test
    void whatTheDatabaseCannotStoreIsRefused() {
        assertRefused("{\"match\": [\"\\u0000\"]}", "rule: wanted text without \\u0000");
        assertRefused("{\"match\": [\"\ud83d\"]}", "rule: wanted text in Unicode, got half a surrogate pair, \\ud83d");
        assertRefused("{\"match\": [\"\\ude00\"]}", "rule: wanted text in Unicode, got half a surrogate pair, \\ude00");
        assertRefused(
                "{\"attributes\": {\"\\u0000\": {\"type\": \"text\"}}, \"match\": []}", "rule: wanted text without");
    }

    @Test
    void documentsOverTheLimitsAreRefused() {
        assertThat(Rule.parse("{\"match\": []}" + " ".repeat(RuleJson.BYTES_MAX - 13)))
                .isNotNull();
        assertRefused("{\"match\": []}" + " ".repeat(RuleJson.BYTES_MAX - 12), "rule: wanted at most 65536 bytes");
        assertRefused(
                "{\"match\": [\"" + "é".repeat(RuleJson.BYTES_MAX / 2) + "\"]}", "rule: wanted at most 65536 bytes");
        assertRefused("[".repeat(64) + "]".repeat(64), "rule: wanted an object");
        assertRefused("[".repeat(65) + "]".repeat(65), "rule: wanted at most 64 levels of nesting, got more");
    }

    @Test
    void numbersBeyondAllBoundsAreRefused() {
        String wanted = "wanted a number within ±1e100 with at most 100 decimals, got one far beyond";

        assertRefused("{\"match\": [1e99999999999]}", "rule: " + wanted);
        Rule rule = Rule.parse("{\"attributes\": {\"x\": {\"type\": \"number\"}}, \"match\": [{\"equal\": \"x\"}]}");
        assertThatThrownBy(() -> rule.check("{\"x\": 1, \"y\": 1e-99999999999}"))
                .isInstanceOf(RuleException.class)
                .hasMessage("attributes: " + wanted);
        assertThatThrownBy(() -> rule.subject(1, "{\"x\": 1e99999999999}", NOW))
                .isInstanceOf(RuleException.class)
                .hasMessage("attributes: " + wanted);
    }

    @Test
    void unknownKeysAreRefusedWithTheNearestKnownOne() {
        assertRefused(
                "{\"mach\": []}",
                "mach: wanted one of the keys \"attributes\", \"match\", \"prefer\" or \"clock\", got \"mach\";"
                        + " did you mean \"match\"?");
        assertRefused(
                "{\"match\": [{\"equals\": \"mode\"}]}",
                "match[0].equals: wanted one of the conditions \"equal\", \"different\", \"distance\", \"sides\","
                        + " \"compare\", \"overlap\", \"within\", \"excludes\", \"any\", \"all\", \"not\" or \"java\","
                        + " got \"equals\"; did you mean \"equal\"?");
        assertRefused(
                "{\"attributes\": {\"a b\": {\"type\": \"text\", \"defualt\": 1}}, \"match\": []}",
                "attributes[\"a b\"].defualt: wanted one of the keys \"type\", \"oneOf\", \"optional\" or"
                        + " \"default\", got \"defualt\"; did you mean \"default\"?");
    }

    @Test
    void aRuleNeedsAListOfConditions() {
        assertRefused("{}", "match: wanted a list of conditions, got nothing");
        assertRefused("{\"match\": {}}", "match: wanted a list of conditions, got {}");
        assertRefused("{\"match\": [1]}", "match[0]: wanted a condition such as {\"equal\": \"mode\"}, got 1");
    }

    @Test
    void equalNamesDeclaredAttributes() {
        String attributes = "{\"attributes\": {\"mode\": {\"type\": \"text\"}}, \"match\": [{\"equal\": ";

        assertRefused(
                attributes + "\"mood\"}]}",
                "match[0].equal: wanted the name of a declared attribute, got \"mood\"; did you mean \"mode\"?");
        assertRefused(
                attributes + "[\"mode\", 3]}]}", "match[0].equal[1]: wanted the name of a declared attribute, got 3");
        assertRefused(
                attributes + "[]}]}",
                "match[0].equal: wanted the name of a declared attribute, or a list of names, got []");
        assertRefused(
                "{\"match\": [{\"equal\": \"mode\"}]}",
                "match[0].equal: wanted the name of a declared attribute, got \"mode\", while none is declared");
    }

    @Test
    void theClockIsOneOfThree() {
        assertThat(Rule.parse("{\"match\": [], \"clock\": \"oldest\"}")).isNotNull();
        assertRefused(
                "{\"match\": [], \"clock\": \"latest\"}",
                "clock: wanted \"each\", \"oldest\" or \"newest\", got \"latest\"");
    }

    private static void assertRefused(String json, String message) {
        assertThatThrownBy(() -> Rule.parse(json))
                .isInstanceOf(RuleException.class)
                .hasMessageStartingWith(message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void timesFarFromNowAreComparedLikeOthers() {
        Rule rule = Rule.parse("{\"attributes\": {\"day\": {\"type\": \"time\"}},"
                + " \"match\": [{\"distance\": \"day\", \"max\": \"1d\"}]}");
        Subject never = rule.subject(1, "{\"day\": \"9999-12-31\"}", Judging.START);
        Subject first = rule.subject(2, "{\"day\": \"0001-01-01T00:00+14:00\"}", Judging.START);
        Subject almostNever = rule.subject(3, "{\"day\": \"9999-12-30T12:00Z\"}", Judging.START);

        assertThat(rule.accepts(never, first, Judging.START)).isFalse();
        assertThat(rule.accepts(never, almostNever, Judging.START)).isTrue();
        assertThat(rule.stretches(first, Judging.START).get(0).ranks().isEmpty())
                .isFalse();
    }
}
