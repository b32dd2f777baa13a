package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LingeringTest {
    private static final String POOL = "players";

    private final Lingering lingering = new Lingering();
    private long now;

    @Test
    void leavesAPoolThatNeverHadWork() {
        assertThat(lingering.ranDry(POOL, now)).isFalse();
    }

    @Test
    void leavesAPoolThatRunsDryForTheFirstTime() {
        lingering.worked(POOL, now);

        assertThat(lingering.ranDry(POOL, now)).isFalse();
    }

    @Test
    void asksAgainSomeTimesWhereTasksCameSoonAfterThePoolHadRunDry() {
        tasksComeAfter(Lingering.STEADY_WITHIN);

        for (int i = 0; i < Lingering.ROUNDS_MAX; i++) {
            assertThat(lingering.ranDry(POOL, now)).isTrue();
        }
        assertThat(lingering.ranDry(POOL, now)).isFalse();
    }

    @Test
    void goesOnAsTasksGoOnComing() {
        tasksComeAfter(Lingering.STEADY_WITHIN);
        for (int i = 0; i < 3 * Lingering.ROUNDS_MAX; i++) {
            assertThat(lingering.ranDry(POOL, now)).isTrue();
            now += Lingering.STEADY_WITHIN.toNanos();
            lingering.worked(POOL, now);
        }
    }

    @Test
    void leavesAPoolIntoWhichTasksComeNowAndThen() {
        tasksComeAfter(Lingering.STEADY_WITHIN);
        tasksComeAfter(Lingering.STEADY_WITHIN.plusNanos(1));

        assertThat(lingering.ranDry(POOL, now)).isFalse();
    }

    @Test
    void leavesAPoolThatTheWorkIsNotIn() {
        tasksComeAfter(Duration.ZERO);

        assertThat(lingering.ranDry("riders", now)).isFalse();
    }

    private void tasksComeAfter(Duration time) {
        lingering.worked(POOL, now);
        lingering.ranDry(POOL, now);
        now += time.toNanos();
        lingering.worked(POOL, now);
    }
}
