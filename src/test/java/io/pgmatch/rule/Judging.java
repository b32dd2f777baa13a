package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;

/**
 * A rule and tasks in short form, for tests: JSON with single quotes, waits in rules' durations.
 * Every judgement is checked to be symmetric.
 */
final class Judging {
    /** When the tasks arrive that do not say when. */
    static final Instant START = Instant.parse("2026-05-01T10:00:00Z");

    private static final String ATTRIBUTES = """
            'attributes': {
              'mode': {'type': 'text', 'optional': true},
              'team': {'type': 'text', 'optional': true},
              'side': {'type': 'text', 'oneOf': ['buy', 'sell', 'peer', 'lend', 'borrow'], 'optional': true},
              'price': {'type': 'number', 'optional': true},
              'limit': {'type': 'number', 'optional': true},
              'rating': {'type': 'number', 'optional': true},
              'label': {'type': 'text', 'optional': true},
              'flag': {'type': 'boolean', 'optional': true},
              'maps': {'type': 'set', 'optional': true},
              'blocked': {'type': 'set', 'optional': true},
              'accepts': {'type': 'range', 'optional': true},
              'day': {'type': 'time', 'optional': true}
            }""";

    private final Rule rule;

    private Judging(Rule rule) {
        this.rule = rule;
    }

    /** A judge by these conditions over the attributes above, all optional. */
    static Judging by(String conditions) {
        return new Judging(rule(conditions, ""));
    }

    /** The same with a clock. */
    static Judging by(String conditions, String clock) {
        return new Judging(rule(conditions, ", 'clock': '" + clock + "'"));
    }

    /** A rule over the attributes above, with more keys after the conditions. */
    static Rule rule(String conditions, String more) {
        return Rule.parse(source(conditions, more));
    }

    static String source(String conditions, String more) {
        return json("{" + ATTRIBUTES + ", 'match': [" + conditions + "]" + more + "}");
    }

    static String json(String singleQuoted) {
        return singleQuoted.replace('\'', '"');
    }

    static Instant at(String wait) {
        Long micros = Waiting.parse(wait);
        assertThat(micros).as("duration %s", wait).isNotNull();
        return Waiting.reached(START, micros == null ? 0 : micros);
    }

    Rule rule() {
        return rule;
    }

    Subject task(long id, String attributes, String arrives) {
        return rule.subject(id, json("{" + attributes + "}"), at(arrives));
    }

    /** Whether two tasks that arrive at the start may meet at once. */
    boolean accepts(String one, String other) {
        return accepts(one, other, "0s");
    }

    /** Whether two tasks that arrive at the start may meet after a wait. */
    boolean accepts(String one, String other, String wait) {
        return accepts(task(1, one, "0s"), task(2, other, "0s"), wait);
    }

    boolean accepts(Subject one, Subject other, String wait) {
        boolean accepts = rule.accepts(one, other, at(wait));
        assertThat(rule.accepts(other, one, at(wait))).as("the same both ways").isEqualTo(accepts);
        assertThat(rule.explain(one, other, at(wait)).accepted()).isEqualTo(accepts);
        return accepts;
    }

    void assertAccepts(String one, String other) {
        assertThat(accepts(one, other)).as("%s meets %s", one, other).isTrue();
    }

    void assertRejects(String one, String other) {
        assertThat(accepts(one, other)).as("%s meets %s", one, other).isFalse();
    }
}
