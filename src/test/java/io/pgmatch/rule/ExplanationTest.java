package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    @Test
    void eachConditionIsExplainedInBothDirectionsWithTheValuesCompared() {
        Judging judge = Judging.by("{'equal': 'mode'}, {'distance': 'rating', 'max': 100,"
                + " 'widen': {'every': '5s', 'by': 50, 'limit': 400}}");
        Verdict verdict = judge.rule()
                .explain(
                        judge.task(1, "'mode': 'blitz', 'rating': 1500", "0s"),
                        judge.task(2, "'mode': 'blitz', 'rating': 1620.50", "3s"),
                        Judging.at("6s"));

        assertThat(verdict.accepted()).isFalse();
        assertThat(verdict.changesAt()).isEqualTo(Judging.at("8s"));
        Explanation equal = verdict.forward().get(0);
        assertThat(equal.place()).isEqualTo("match[0]");
        assertThat(equal.condition()).isEqualTo("{\"equal\":\"mode\"}");
        assertThat(equal.compared()).isEqualTo("mode \"blitz\" and \"blitz\"");
        assertThat(equal.holds()).isTrue();
        assertThat(equal.changesAt()).isEqualTo(Instant.MAX);
        Explanation forward = verdict.forward().get(1);
        assertThat(forward.compared()).isEqualTo("rating 1500 and 1620.5, 120.5 apart, at most 150");
        assertThat(forward.holds()).isTrue();
        assertThat(forward.changesAt()).isEqualTo(Judging.at("10s"));
        Explanation backward = verdict.backward().get(1);
        assertThat(backward.compared()).isEqualTo("rating 1620.5 and 1500, 120.5 apart, at most 100");
        assertThat(backward.holds()).isFalse();
        assertThat(backward.changesAt()).isEqualTo(Judging.at("8s"));
    }

    @Test
    void conditionsAreExplainedPartByPart() {
        Judging judge = Judging.by("{'any': [{'equal': 'mode'}, {'not': {'overlap': 'maps', 'min': 2}}]}");
        Explanation any = judge.rule()
                .explain(judge.task(1, "'maps': ['b', 'a']", "0s"), judge.task(2, "'maps': ['a']", "0s"), Judging.START)
                .forward()
                .get(0);

        assertThat(any.holds()).isTrue();
        assertThat(any.parts()).extracting(Explanation::place).containsExactly("match[0].any[0]", "match[0].any[1]");
        assertThat(any.parts()).extracting(Explanation::holds).containsExactly(false, true);
        assertThat(any.parts().get(0).compared()).isEqualTo("mode nothing and nothing");
        Explanation overlap = any.parts().get(1).parts().get(0);
        assertThat(overlap.place()).isEqualTo("match[0].any[1].not");
        assertThat(overlap.compared()).isEqualTo("maps [\"a\", \"b\"] and [\"a\"], 1 shared, at least 2");
    }

    @Test
    void everyConditionShowsWhatItCompares() {
        assertCompared("{'different': 'mode'}", "'mode': 'a'", "'mode': 'b'", "mode \"a\" and \"b\"");
        assertCompared(
                "{'distance': 'rating', 'maxPercent': 1.5}",
                "'rating': 100",
                "'rating': 99",
                "rating 100 and 99, 1 apart, at most 1.5 %");
        assertCompared(
                "{'distance': 'day', 'max': '90m'}",
                "'day': '2026-05-01T10:00Z'",
                "'day': '2026-05-01T12:00Z'",
                "day \"2026-05-01T10:00:00Z\" and \"2026-05-01T12:00:00Z\", 2h apart, at most 90m");
        assertCompared(
                "{'within': 'rating', 'range': 'accepts'}",
                "'rating': 1, 'accepts': [null, 5]",
                "'rating': 2",
                "rating 1 in accepts nothing; rating 2 in accepts [null, 5]");
        assertCompared(
                "{'excludes': 'team', 'list': 'blocked'}",
                "'team': 'a'",
                "'team': 'b', 'blocked': ['a']",
                "team \"a\" not in blocked [\"a\"]; team \"b\" not in blocked nothing");
        assertCompared("{'equal': 'mode', 'optionalAfter': '1s'}", "", "", "dropped for its optionalAfter");
    }

    @Test
    void comparisonsNameTheSides() {
        Judging judge = Judging.by(
                "{'sides': 'side', 'pairs': [['buy', 'sell']]}," + " {'compare': ['buy.price', '>=', 'sell.price']}");
        Verdict verdict = judge.rule()
                .explain(
                        judge.task(1, "'side': 'sell', 'price': 7", "0s"),
                        judge.task(2, "'side': 'buy', 'price': 5", "0s"),
                        Judging.START);

        assertThat(verdict.forward().get(1).compared()).isEqualTo("buy.price 5 >= sell.price 7");
        assertThat(verdict.forward().get(1).holds()).isFalse();
    }

    private static void assertCompared(String condition, String one, String other, String compared) {
        Judging judge = Judging.by(condition);
        Verdict verdict = judge.rule().explain(judge.task(1, one, "0s"), judge.task(2, other, "0s"), Judging.at("1s"));

        assertThat(verdict.forward().get(0).compared()).isEqualTo(compared);
    }
}
