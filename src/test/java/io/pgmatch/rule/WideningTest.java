package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What waiting does: growing bounds, dropped conditions, clocks, and when a task wakes. */
class WideningTest {
    private static final String WIDENING =
            "{'distance': 'rating', 'max': 100, 'widen': {'every': '5s', 'by': 50, 'limit': 220}}";

    @Test
    void aBoundGrowsInStepsUpToItsLimit() {
        Judging judge = Judging.by(WIDENING);

        assertGap(judge, "0s", 100);
        assertGap(judge, "4.999999s", 100);
        assertGap(judge, "5s", 150);
        assertGap(judge, "9.999999s", 150);
        assertGap(judge, "10s", 200);
        assertGap(judge, "14.999999s", 200);
        assertGap(judge, "15s", 220);
        assertGap(judge, "1000d", 220);
        assertThat(changes(judge, "0s")).containsExactly("5s", "10s", "15s");
    }

    @Test
    void phasesFollowOneAnotherWhereTheLimitIsReached() {
        Judging judge = Judging.by("{'distance': 'rating', 'max': 100, 'widen': ["
                + "{'every': '5s', 'by': 50, 'limit': 220}, {'every': '1m', 'by': 1000, 'limit': 1220}]}");

        assertGap(judge, "15s", 220);
        assertGap(judge, "74.999999s", 220);
        assertGap(judge, "75s", 1220);
        assertThat(changes(judge, "0s")).containsExactly("5s", "10s", "15s", "75s");
    }

    @Test
    void stepsSetTheBoundAtTheirTimes() {
        Judging judge = Judging.by("{'distance': 'rating', 'max': 100, 'steps': ["
                + "{'after': '10s', 'max': 200}, {'after': '1m', 'max': 500}]}");

        assertGap(judge, "9.999999s", 100);
        assertGap(judge, "10s", 200);
        assertGap(judge, "59.999999s", 200);
        assertGap(judge, "60s", 500);
        assertThat(changes(judge, "0s")).containsExactly("10s", "60s");
    }

    @Test
    void durationsAndPercentagesGrowAsNumbersDo() {
        Judging times = Judging.by(
                "{'distance': 'day', 'max': '1h'," + " 'widen': {'every': '10s', 'by': '30m', 'limit': '2h'}}");
        Judging percent = Judging.by(
                "{'distance': 'rating', 'maxPercent': 1," + " 'steps': [{'after': '10s', 'maxPercent': 2.5}]}");
        String noon = "'day': '2026-05-01T12:00Z'";

        assertThat(times.accepts(noon, "'day': '2026-05-01T13:30Z'", "9s")).isFalse();
        assertThat(times.accepts(noon, "'day': '2026-05-01T13:30Z'", "10s")).isTrue();
        assertThat(times.accepts(noon, "'day': '2026-05-01T14:00Z'", "20s")).isTrue();
        assertThat(percent.accepts("'rating': 1000", "'rating': 975", "9s")).isFalse();
        assertThat(percent.accepts("'rating': 1000", "'rating': 975", "10s")).isTrue();
        assertThat(percent.accepts("'rating': 1000", "'rating': 974.9", "10s")).isFalse();
    }

    @Test
    void aConditionIsDroppedOnceTheTaskHasWaited() {
        Judging judge = Judging.by("{'equal': 'mode', 'optionalAfter': '30s'}");

        assertThat(judge.accepts("'mode': 'a'", "'mode': 'b'", "29.999999s")).isFalse();
        assertThat(judge.accepts("'mode': 'a'", "'mode': 'b'", "30s")).isTrue();
        assertThat(judge.accepts("'mode': 'a'", "", "30s")).isTrue();
        assertThat(changes(judge, "0s")).containsExactly("30s");
    }

    @Test
    void growthAfterTheConditionIsDroppedWakesNobody() {
        Judging judge = Judging.by("{'distance': 'rating', 'max': 0, 'optionalAfter': '12s',"
                + " 'widen': {'every': '5s', 'by': 1, 'limit': 100}}");

        assertThat(changes(judge, "0s")).containsExactly("5s", "10s", "12s");
    }

    @Test
    void aDroppedConditionNeverTurnsAPairAwayWhereverItStands() {
        for (String condition : new String[] {
            "{'any': [{'equal': 'mode', 'optionalAfter': '5s'}, {'equal': 'team'}]}",
            "{'not': {'different': 'mode', 'optionalAfter': '5s'}}",
            "{'not': {'any': [{'different': 'mode', 'optionalAfter': '5s'}]}}",
            "{'not': {'not': {'equal': 'mode', 'optionalAfter': '5s'}}}",
            "{'all': [{'equal': 'mode'}], 'optionalAfter': '5s'}",
            "{'not': {'different': 'mode'}, 'optionalAfter': '5s'}"
        }) {
            Judging judge = Judging.by(condition);
            assertThat(judge.accepts("'mode': 'a', 'team': 'x'", "'mode': 'b', 'team': 'y'", "4s"))
                    .as(condition)
                    .isFalse();
            assertThat(judge.accepts("'mode': 'a', 'team': 'x'", "'mode': 'b', 'team': 'y'", "5s"))
                    .as(condition)
                    .isTrue();
        }
    }

    @Test
    void withEachClockBothTasksMustAcceptByTheirOwnWait() {
        Judging judge = Judging.by(WIDENING);
        Subject old = judge.task(1, "'rating': 0", "0s");
        Subject young = judge.task(2, "'rating': 150", "3s");

        assertThat(judge.accepts(old, young, "5s")).isFalse();
        assertThat(judge.accepts(old, young, "7.999999s")).isFalse();
        assertThat(judge.accepts(old, young, "8s")).isTrue();
    }

    @Test
    void withTheOldestClockTheLongerWaitCounts() {
        Judging judge = Judging.by(WIDENING, "oldest");
        Subject old = judge.task(1, "'rating': 0", "0s");
        Subject young = judge.task(2, "'rating': 150", "3s");

        assertThat(judge.accepts(old, young, "4.999999s")).isFalse();
        assertThat(judge.accepts(old, young, "5s")).isTrue();
    }

    @Test
    void withTheNewestClockTheShorterWaitCounts() {
        Judging judge = Judging.by(WIDENING, "newest");
        Subject old = judge.task(1, "'rating': 0", "0s");
        Subject young = judge.task(2, "'rating': 150", "3s");

        assertThat(judge.accepts(old, young, "5s")).isFalse();
        assertThat(judge.accepts(old, young, "8s")).isTrue();
    }

    @Test
    void aTaskWakesByItsOwnWaitWhateverTheClock() {
        for (String clock : Clock.words()) {
            assertThat(changes(Judging.by(WIDENING, clock), "3s")).containsExactly("8s", "13s", "18s");
        }
    }

    @Test
    void aRuleWithoutTimeNeverChanges() {
        Judging judge = Judging.by("{'distance': 'rating', 'max': 100}");

        assertThat(judge.rule().changes()).isFalse();
        assertThat(judge.rule().nextChange(judge.task(1, "", "0s"), Judging.START))
                .isEqualTo(Instant.MAX);
    }

    @Test
    void aTaskFromTheFutureHasNotWaitedYet() {
        Judging judge = Judging.by(WIDENING);
        Subject one = judge.task(1, "'rating': 0", "10s");
        Subject other = judge.task(2, "'rating': 100", "20s");

        assertThat(judge.accepts(one, other, "0s")).isTrue();
        assertThat(judge.rule().nextChange(one, Judging.START)).isEqualTo(Judging.at("15s"));
    }

    @Test
    void theEdgesOfTimeBreakNothing() {
        Judging judge = Judging.by(WIDENING);
        Subject ever = judge.rule().subject(1, "{\"rating\": 0}", Instant.MIN);
        Subject never = judge.rule().subject(2, "{\"rating\": 220}", Instant.MAX);

        assertThat(judge.rule().accepts(ever, never, Instant.MAX)).isFalse();
        assertThat(judge.rule().nextChange(ever, Instant.MAX)).isEqualTo(Instant.MAX);
        assertThat(judge.rule().nextChange(ever, Judging.START)).isEqualTo(Instant.MAX);
        assertThat(judge.rule().nextChange(never, Judging.START)).isEqualTo(Instant.MAX);
    }

    @Test
    void aWaitOfNanosecondsLessIsNotReached() {
        Judging judge = Judging.by(WIDENING);
        Subject one = judge.task(1, "'rating': 0", "0s");
        Subject other = judge.task(2, "'rating': 150", "0s");
        Instant almost = Judging.at("5s").minusNanos(1);

        assertThat(judge.rule().accepts(one, other, almost)).isFalse();
        assertThat(judge.rule().nextChange(one, almost)).isEqualTo(Judging.at("5s"));
    }

    @Test
    void durationsAreExactToTheMicrosecond() {
        assertThat(Waiting.parse("250ms")).isEqualTo(250_000);
        assertThat(Waiting.parse("1.5s")).isEqualTo(1_500_000);
        assertThat(Waiting.parse("0.001ms")).isEqualTo(1);
        assertThat(Waiting.parse("2m")).isEqualTo(120_000_000);
        assertThat(Waiting.parse("1h")).isEqualTo(3_600_000_000L);
        assertThat(Waiting.parse("36500d")).isEqualTo(Waiting.DURATION_MAX_MICROS);
        for (String wrong :
                new String[] {"36501d", "0.0001ms", "5", "s", "5 s", "-5s", "1e3s", "5S", "5min", "", ".5s"}) {
            assertThat(Waiting.parse(wrong)).as(wrong).isNull();
        }
    }

    @Test
    void durationsAreShownInTheLargestUnitThatIsWhole() {
        assertThat(Waiting.shown(BigDecimal.valueOf(86_400_000_000L))).isEqualTo("1d");
        assertThat(Waiting.shown(BigDecimal.valueOf(90_000_000))).isEqualTo("90s");
        assertThat(Waiting.shown(BigDecimal.valueOf(1_500))).isEqualTo("1.5ms");
        assertThat(Waiting.shown(BigDecimal.ZERO)).isEqualTo("0d");
    }

    private static void assertGap(Judging judge, String wait, int most) {
        assertThat(judge.accepts("'rating': 0", "'rating': " + most, wait))
                .as("%s apart after %s", most, wait)
                .isTrue();
        assertThat(judge.accepts("'rating': 0", "'rating': " + most + ".000001", wait))
                .as("more than %s apart after %s", most, wait)
                .isFalse();
    }

    /** All instants at which a task's rule changes, as waits since the start. */
    private static List<String> changes(Judging judge, String arrives) {
        Subject task = judge.task(1, "", arrives);
        List<String> changes = new ArrayList<>();
        Instant next = judge.rule().nextChange(task, Judging.START);
        while (next.isBefore(Instant.MAX)) {
            long micros = Waiting.micros(Judging.START, next);
            changes.add(BigDecimal.valueOf(micros)
                            .movePointLeft(6)
                            .stripTrailingZeros()
                            .toPlainString() + "s");
            next = judge.rule().nextChange(task, next);
        }
        return changes;
    }
}
