package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is true of every rule; the seed in a failure's description finds it again. */
class RulePropertyTest {
    private static final int RULES = 2_000;
    private static final int PAIRS = 8;
    /** Changes followed for each pair; some bounds grow for hours. */
    private static final int CHANGES_MAX = 40;

    @Test
    void theVerdictIsTheSameInBothDirections() {
        int accepted = 0;
        for (long seed = 0; seed < RULES; seed++) {
            RandomRules random = new RandomRules(seed);
            Rule rule = Rule.parse(random.rule());
            for (int i = 0; i < PAIRS; i++) {
                Subject one = subject(rule, 1, random);
                Subject other = subject(rule, 2, random);
                Instant now = Judging.START.plus(random.waitMicros(), ChronoUnit.MICROS);
                boolean accepts = rule.accepts(one, other, now);
                assertThat(rule.accepts(other, one, now))
                        .as("seed %d, %s", seed, rule)
                        .isEqualTo(accepts);
                assertThat(explained(rule.explain(one, other, now)))
                        .as("seed %d, %s", seed, rule)
                        .isEqualTo(accepts);
                accepted += accepts ? 1 : 0;
            }
        }
        assertThat(accepted).as("accepted of %d", RULES * PAIRS).isBetween(RULES * PAIRS / 10, RULES * PAIRS * 9 / 10);
    }

    @Test
    void theVerdictChangesOnlyWhenOneOfTheTwoWakes() {
        int changes = 0;
        for (long seed = 0; seed < RULES; seed++) {
            RandomRules random = new RandomRules(seed);
            Rule rule = Rule.parse(random.rule());
            for (int i = 0; i < PAIRS; i++) {
                changes += followVerdict("seed " + seed + ", " + rule, rule, random);
            }
        }
        assertThat(changes).as("verdicts that changed").isGreaterThan(RULES / 4);
    }

    @Test
    void thePreferenceIsATotalOrder() {
        for (long seed = 0; seed < RULES / 4; seed++) {
            RandomRules random = new RandomRules(seed);
            Rule rule = Rule.parse(random.rule());
            Comparator<Subject> preference = rule.preference(subject(rule, 0, random));
            List<Subject> partners = new ArrayList<>();
            for (int id = 1; id <= 12; id++) {
                partners.add(subject(rule, id, random));
            }
            partners.sort(preference);
            for (int i = 0; i < partners.size(); i++) {
                for (int j = 0; j < partners.size(); j++) {
                    assertThat(Integer.signum(preference.compare(partners.get(i), partners.get(j))))
                            .as("seed %d, %s, %d and %d", seed, rule, i, j)
                            .isEqualTo(Integer.compare(i, j));
                }
            }
        }
    }

    @Test
    void aRuleReadBackFromItsSourceIsTheSame() {
        for (long seed = 0; seed < RULES / 4; seed++) {
            Rule rule = Rule.parse(new RandomRules(seed).rule());
            Rule again = Rule.parse(rule.source());

            assertThat(again.source()).isEqualTo(rule.source());
            assertThat(again.compiled()).isEqualTo(rule.compiled());
        }
    }

    @Test
    void whatMustBeEqualIsEqualInEveryPair() {
        for (long seed = 0; seed < RULES; seed++) {
            RandomRules random = new RandomRules(seed);
            Rule rule = Rule.parse(random.rule());
            List<String> bucket = new ArrayList<>();
            RuleJson.readDocument("compiled", rule.compiled())
                    .get("bucket")
                    .forEach(name -> bucket.add(name.textValue()));
            for (int i = 0; i < PAIRS; i++) {
                Subject one = subject(rule, 1, random);
                Subject other = subject(rule, 2, random);
                Instant late = Judging.START.plus(random.waitMicros() * 10, ChronoUnit.MICROS);
                if (rule.accepts(one, other, late)) {
                    assertThat(bucket)
                            .as("seed %d, %s", seed, rule)
                            .allSatisfy(name ->
                                    assertThat(one.value(name)).isNotNull().isEqualTo(other.value(name)));
                }
            }
        }
    }

    /** Follows a pair from change to change; says how often the verdict became another. */
    private static int followVerdict(String rule, Rule judge, RandomRules random) {
        Subject one = subject(judge, 1, random);
        Subject other = subject(judge, 2, random);
        int changes = 0;
        Instant now = Judging.START;
        for (int i = 0; i < CHANGES_MAX; i++) {
            boolean accepts = judge.accepts(one, other, now);
            Instant next = earlier(judge.nextChange(one, now), judge.nextChange(other, now));
            assertThat(next).as(rule).isAfter(now);
            Instant last = next.equals(Instant.MAX) ? now.plus(1, ChronoUnit.DAYS) : next.minusNanos(1);
            long span = ChronoUnit.MICROS.between(now, last);
            Instant between = now.plus(random.below(span + 1), ChronoUnit.MICROS);
            assertThat(judge.accepts(one, other, between))
                    .as("%s at %s", rule, between)
                    .isEqualTo(accepts);
            assertThat(judge.accepts(one, other, last))
                    .as("%s at %s", rule, last)
                    .isEqualTo(accepts);
            if (next.equals(Instant.MAX)) {
                break;
            }
            changes += judge.accepts(one, other, next) == accepts ? 0 : 1;
            now = next;
        }
        return changes;
    }

    private static boolean explained(Verdict verdict) {
        return verdict.forward().stream().allMatch(Explanation::holds)
                && verdict.backward().stream().allMatch(Explanation::holds);
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Subject subject(Rule rule, long id, RandomRules random) {
        return rule.subject(id, random.task(), Judging.START.plus(random.waitMicros(), ChronoUnit.MICROS));
    }
}
