package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JavaConditionTest {
    private final List<String> failures = new ArrayList<>();
    private final RuleLanguage language = RuleLanguage.whole()
            .with(JavaConditions.from(
                    JavaConditionTest.class.getClassLoader(),
                    (className, seeker, partner, cause) ->
                            failures.add(className + " " + seeker.id() + " " + partner.id() + " " + cause)));

    /** True where the ratings add up to 10; whoever lacks one makes it fail. */
    public static final class SumsToTen implements PairCondition {
        @Override
        public boolean holds(Subject seeker, Subject partner) {
            BigDecimal sum = ((BigDecimal) valueOf(seeker)).add((BigDecimal) valueOf(partner));
            return sum.compareTo(BigDecimal.TEN) == 0;
        }

        private static Object valueOf(Subject subject) {
            Object rating = subject.value("rating");
            if (rating == null) {
                throw new IllegalStateException("no rating");
            }
            return rating;
        }
    }

    /** True in one direction only. */
    public static final class LowerSeeksHigher implements PairCondition {
        @Override
        public boolean holds(Subject seeker, Subject partner) {
            return seeker.id() < partner.id();
        }
    }

    @Test
    void aClassOnTheClassPathDecides() {
        Rule rule = rule("{'java': '" + SumsToTen.class.getName() + "'}");

        assertThat(accepts(rule, "{'rating': 4}", "{'rating': 6}")).isTrue();
        assertThat(accepts(rule, "{'rating': 4}", "{'rating': 7}")).isFalse();
        assertThat(failures).isEmpty();
    }

    @Test
    void bothDirectionsMustHold() {
        assertThat(accepts(rule("{'java': '" + LowerSeeksHigher.class.getName() + "'}"), "{}", "{}"))
                .isFalse();
    }

    @Test
    void anExceptionTurnsThePairAwayEvenUnderANotAndIsReported() {
        String condition = "{'java': '" + SumsToTen.class.getName() + "'}";

        assertThat(accepts(rule(condition), "{'rating': 4}", "{}")).isFalse();
        assertThat(accepts(rule("{'not': " + condition + "}"), "{'rating': 4}", "{}"))
                .isFalse();
        assertThat(failures).isNotEmpty().allMatch(failure -> failure.endsWith("no rating"));
    }

    @Test
    void anExplanationShowsTheFailure() {
        Rule rule = rule("{'not': {'java': '" + SumsToTen.class.getName() + "'}}");
        Verdict verdict =
                rule.explain(rule.subject(1, "{}", Instant.EPOCH), rule.subject(2, "{}", Instant.EPOCH), Instant.EPOCH);

        assertThat(verdict.accepted()).isFalse();
        assertThat(verdict.forward().get(0).holds()).isFalse();
        assertThat(verdict.forward().get(0).parts().get(0).compared())
                .contains("failed")
                .contains("no rating");
    }

    @Test
    void aClassThatCannotBeLoadedIsAnErrorOfTheRule() {
        assertThatThrownBy(() -> rule("{'java': 'com.acme.Missing'}"))
                .isInstanceOf(RuleException.class)
                .hasMessageStartingWith("match[0].java: wanted a class on the class path")
                .hasMessageContaining("com.acme.Missing");
        assertThatThrownBy(() -> rule("{'java': 'java.lang.String'}"))
                .isInstanceOf(RuleException.class)
                .hasMessageContaining("implements io.pgmatch.rule.PairCondition");
        assertThatThrownBy(() -> Judging.by("{'java': 'com.acme.Missing'}"))
                .isInstanceOf(RuleException.class)
                .hasMessageContaining("wanted a class path to load classes from, got none");
    }

    @Test
    void unknownAttributesAreNamed() {
        Rule rule = rule("{'java': '" + SumsToTen.class.getName() + "'}");

        assertThatThrownBy(() -> rule.subject(1, "{}", Instant.EPOCH).value("ratings"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("did you mean \"rating\"?");
    }

    private Rule rule(String condition) {
        return language.parse(Judging.json(
                "{'attributes': {'rating': {'type': 'number', 'optional': true}}, 'match': [" + condition + "]}"));
    }

    private static boolean accepts(Rule rule, String one, String other) {
        Subject first = rule.subject(1, Judging.json(one), Instant.EPOCH);
        Subject second = rule.subject(2, Judging.json(other), Instant.EPOCH);
        boolean accepts = rule.accepts(first, second, Instant.EPOCH);
        assertThat(rule.accepts(second, first, Instant.EPOCH)).isEqualTo(accepts);
        return accepts;
    }
}
