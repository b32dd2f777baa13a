package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ClaimFrontTest {
    private long nanos;

    private final ClaimFront front = new ClaimFront(() -> nanos);

    @Test
    void startsAtTheVeryStart() {
        assertThat(front.place().isStart()).isTrue();
        assertThat(front.aheadId(1)).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void movesWithWhicheverWorkerHasComeFurthest() {
        ClaimFront.Place place = front.place();
        front.reach(place, 20);
        front.reach(place, 10);
        assertThat(front.place().freshId()).isEqualTo(20);
        front.reachAhead(place, 7, 100);
        front.reachAhead(place, 7, 90);
        assertThat(front.aheadId(7)).isEqualTo(100);
        assertThat(front.aheadId(8)).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void isNotMovedByARoundThatBeganBeforeItStartedOver() {
        ClaimFront.Place before = front.place();
        front.reach(before, 20);
        front.startOver();
        assertThat(front.place().isStart()).isTrue();
        front.reach(before, 30);
        front.reachAhead(before, 7, 100);
        assertThat(front.place().isStart()).isTrue();
        assertThat(front.aheadId(7)).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void startsOverNowAndThen() {
        front.reach(front.place(), 20);
        nanos += ClaimFront.START_OVER_AFTER.toNanos() - 1;
        assertThat(front.place().isStart()).isFalse();
        nanos++;
        assertThat(front.place().isStart()).isTrue();
        front.reach(front.place(), 30);
        assertThat(front.place().freshId()).isEqualTo(30);
    }

    @Test
    void searchesAheadFromTheStartLessOftenThanItClaims() {
        ClaimFront.Place start = front.place();
        front.reach(start, 20);
        front.reachAhead(start, 7, 100);
        nanos += ClaimFront.START_OVER_AFTER.toNanos();
        assertThat(front.place().isStart()).isTrue();
        assertThat(front.aheadId(7)).isEqualTo(100);
        nanos = ClaimFront.SEARCH_AHEAD_STARTS_OVER_AFTER.toNanos();
        assertThat(front.place().isStart()).isTrue();
        assertThat(front.aheadId(7)).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void remembersForAWhileThatOthersAreAtWork() {
        assertThat(front.isAlone()).isTrue();
        front.noteSharing();
        nanos += ClaimFront.SHARING_REMEMBERED.toNanos() - 1;
        assertThat(front.isAlone()).isFalse();
        nanos++;
        assertThat(front.isAlone()).isTrue();
    }

    @Test
    void searchesAheadFromTheStartAfterARoundThatFailed() {
        front.reachAhead(front.place(), 7, 100);
        front.startOver();
        assertThat(front.aheadId(7)).as("what it held is free again").isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void remembersACollisionForAWhile() {
        assertThat(front.isUndisturbed()).isTrue();
        front.noteCollision();
        nanos += ClaimFront.COLLISION_REMEMBERED.toNanos() - 1;
        assertThat(front.isUndisturbed()).isFalse();
        nanos++;
        assertThat(front.isUndisturbed()).isTrue();
    }

    @Test
    void remembersForLongerWhatHappensAgainSoon() {
        front.noteCollision();
        nanos += ClaimFront.COLLISION_REMEMBERED.toNanos();
        front.noteCollision();
        nanos += 2 * ClaimFront.COLLISION_REMEMBERED.toNanos() - 1;
        assertThat(front.isUndisturbed()).isFalse();
        nanos++;
        assertThat(front.isUndisturbed()).isTrue();
        nanos += 2 * ClaimFront.COLLISION_REMEMBERED.toNanos();
        front.noteCollision();
        nanos += ClaimFront.COLLISION_REMEMBERED.toNanos();
        assertThat(front.isUndisturbed()).as("a quiet time is between them").isTrue();
    }

    @Test
    void forgetsABacklogThatNoClaimBringsMuchOfAnyMore() {
        front.noteBacklog(true);
        nanos += ClaimFront.BACKLOG_REMEMBERED.toNanos() - 1;
        assertThat(front.isInBacklog()).isTrue();
        nanos++;
        assertThat(front.isInBacklog())
                .as("somebody may keep the blocks of what is left")
                .isFalse();
    }
}
