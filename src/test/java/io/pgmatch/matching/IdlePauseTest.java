package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How often a matcher asks when there is nothing to do, by a clock of the test's own. */
final class IdlePauseTest {
    private static final long LOOK_NANOS = Duration.ofMillis(1).toNanos();
    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    private long nowNanos;

    @Test
    void asksAtMostOnceASecondWhenLongIdle() {
        IdlePause pause = new IdlePause(nowNanos);
        looksUntil(pause, MINUTE_NANOS);

        assertThat(looksUntil(pause, nowNanos + MINUTE_NANOS)).isBetween(58, 60);
        assertThat(pause.isLong()).isTrue();
    }

    @Test
    void pausesATenthOfASecondAtMostAfterRecentWork() {
        IdlePause pause = new IdlePause(nowNanos);
        long recentEnd = Duration.ofSeconds(10).toNanos();
        while (nowNanos < recentEnd) {
            long nanos = pause.next(nowNanos, LOOK_NANOS);
            assertThat(nanos).isLessThanOrEqualTo(Duration.ofMillis(100).toNanos());
            nowNanos += nanos;
        }
        assertThat(pause.next(nowNanos, LOOK_NANOS))
                .isEqualTo(Duration.ofSeconds(1).toNanos());
    }

    @Test
    void startsOverAfterWork() {
        IdlePause pause = new IdlePause(nowNanos);
        looksUntil(pause, MINUTE_NANOS);
        pause.worked(nowNanos);

        assertThat(pause.isLong()).isFalse();
        assertThat(pause.next(nowNanos, 0)).isEqualTo(Duration.ofMillis(1).toNanos());
    }

    @Test
    void pausesAtLeastAsLongAsALookTook() {
        IdlePause pause = new IdlePause(nowNanos);

        assertThat(pause.next(nowNanos, Duration.ofMillis(7).toNanos()))
                .isEqualTo(Duration.ofMillis(7).toNanos());
    }

    private int looksUntil(IdlePause pause, long endNanos) {
        int looks = 0;
        while (nowNanos < endNanos) {
            nowNanos += LOOK_NANOS + pause.next(nowNanos, LOOK_NANOS);
            looks++;
        }
        return looks;
    }
}
