package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.model.WaitingTask;
import io.pgmatch.store.ClaimTasks.Claim;
import io.pgmatch.store.Transaction.Started;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class ClaimsTest {
    private static final int STEP = 10;
    private static final int MANY = 40_000;

    private final ClaimFront front = new ClaimFront();
    private final ClaimMark mark = new ClaimMark(front);

    /** From which fresh task on was claimed. */
    private final List<Long> fromIds = new ArrayList<>();

    private final List<Long> blocksFromIds = new ArrayList<>();

    /** Most tasks that a round claims; few, unless it is to claim in blocks. */
    private int countMax = 1_000;

    /** Most tasks that a claim brings. */
    private int step = STEP;

    /** They claim no more while so many have no partner. */
    private int unpairedMax = 4_000;

    /** How many were asked for by claims that are not in blocks. */
    private final List<Integer> limits = new ArrayList<>();

    /** How many permits may be had. */
    private int permits = 10;

    private int permitsTaken;

    /** Whether others claim in blocks in between. */
    private boolean sharing;

    @Test
    void goOnWhereTheLastOneEnded() {
        Claims claims = claimsThatBring(ids(1, 10), ids(12, 21), ids(22, 25));
        receiveAll(claims);

        assertThat(limits).containsOnly(STEP);
        assertThat(fromIds).containsExactly(Long.MIN_VALUE, 11L, 22L);
        assertThat(claims.count()).isEqualTo(24);
        assertThat(claims.isMoreDue()).isFalse();
        assertThat(front.place().isStart())
                .as("one that comes back short saw all")
                .isTrue();
    }

    @Test
    void lookAtEverythingOnceWhereNothingIsFoundFromTheFrontOn() {
        front.reach(front.place(), 1_000);
        Claims claims = claimsThatBring(ids(1, 0), ids(1, 3));
        receiveAll(claims);

        assertThat(fromIds).containsExactly(1_000L, Long.MIN_VALUE);
        assertThat(claims.count()).isEqualTo(3);
    }

    @Test
    void endWhereNothingIsDueAtAll() {
        front.reach(front.place(), 1_000);
        Claims claims = claimsThatBring(ids(1, 0), ids(1, 0));
        receiveAll(claims);

        assertThat(fromIds).hasSize(2);
        assertThat(claims.isMoreDue()).isFalse();
    }

    @Test
    void startWithWhatWasLeft() {
        mark.leave(List.of(3L, 5L));
        front.reach(front.place(), 11);
        Claims claims = claimsThatBring(ids(11, 12));
        receiveAll(claims);

        assertThat(fromIds).containsExactly(11L);
        assertThat(claims.count()).isEqualTo(4);
    }

    @Test
    void leaveTheStartToTheNextRoundIfTheFrontStartsOver() {
        Claims claims = claimsThatBring(ids(1, 10), ids(11, 20), ids(21, 30));
        claims.start(0, Runnable::run);
        claims.receive();
        front.startOver();
        claims.start(0, Runnable::run);
        claims.receive();

        assertThat(fromIds).containsExactly(Long.MIN_VALUE, 11L);
        assertThat(front.place().isStart()).isTrue();
    }

    @Test
    void goOnInBlocksFromTheirOwnPlaceOnceOneBroughtAllItMight() {
        countMax = MANY;
        Claims claims = claimsThatBring(ids(1, 10), ids(11, 20), ids(31, 33));
        claims.start(0, Runnable::run);
        claims.receive();
        front.reach(front.place(), 1_000);
        receiveAll(claims);

        assertThat(fromIds).containsExactly(Long.MIN_VALUE);
        assertThat(blocksFromIds)
                .as("wherever another worker of this matcher has come")
                .containsExactly(11L, 21L);
    }

    @Test
    void goOnInTheBlockThatTheWorkerHasBegunInItsRoundBefore() {
        front.noteBacklog(true);
        countMax = MANY;
        Claims before = claimsThatBring(ids(1, 10));
        before.start(0, Runnable::run);
        before.receive();
        front.reach(front.place(), 1_000);

        claimsThatBring(ids(11, 20)).start(0, Runnable::run);

        assertThat(blocksFromIds)
                .as("wherever another worker of this matcher has come")
                .containsExactly(Long.MIN_VALUE, 11L);
    }

    @Test
    void startWhereTheFrontIsOnceItHasStartedOver() {
        front.noteBacklog(true);
        countMax = MANY;
        Claims before = claimsThatBring(ids(1, 10));
        before.start(0, Runnable::run);
        before.receive();
        front.startOver();

        claimsThatBring(ids(1, 10)).start(0, Runnable::run);

        assertThat(blocksFromIds).containsExactly(Long.MIN_VALUE, Long.MIN_VALUE);
    }

    @Test
    void endTheBacklogOnlyIfOneFromTheVeryStartBringsLittle() {
        countMax = MANY;
        receiveAll(claimsThatBring(ids(1, 10), ids(11, 13)));
        assertThat(front.isInBacklog())
                .as("others may hold blocks behind where it began")
                .isTrue();

        receiveAll(claimsThatBring(ids(1, 3)));
        assertThat(front.isInBacklog()).isFalse();
    }

    @Test
    void endWhereTheRestIsInTheBlocksOfOthers() {
        front.noteBacklog(true);
        countMax = MANY;
        front.reach(front.place(), 1_000);
        sharing = true;
        Claims claims = claimsThatBring(ids(1_001, 1_003));
        receiveAll(claims);

        assertThat(claims.isSharing()).isTrue();
        assertThat(claims.isMoreDue()).isFalse();
        assertThat(front.place().freshId())
                .as("it did not see everything, and need not start over")
                .isEqualTo(1_000);
    }

    @Test
    void takeAPermitOnceForAllBlocksOfARound() {
        countMax = MANY;
        permits = 3;
        receiveAll(claimsThatBring(ids(1, 10), ids(11, 20), ids(21, 23)));

        assertThat(blocksFromIds).hasSize(2);
        assertThat(permitsTaken)
                .as("the first claim, which knew of no backlog, needed none")
                .isEqualTo(1);
    }

    @Test
    void claimNothingInABacklogThatEnoughOthersDrain() {
        front.noteBacklog(true);
        countMax = MANY;
        mark.leave(List.of(3L, 5L));
        permits = 0;
        Claims claims = claimsThatBring(ids(1, 10));
        receiveAll(claims);

        assertThat(claims.isKeptOut()).isTrue();
        assertThat(claims.count()).isZero();
        assertThat(front.isInBacklog()).isTrue();
        assertThat(mark.left()).isEmpty();
    }

    @Test
    void doNotHoldUpTheOtherWorkersOfTheMatcherIfTheyAreKeptOut() {
        front.noteBacklog(true);
        front.reach(front.place(), 1_000);
        countMax = MANY;
        permits = 0;
        claimsThatBring(ids(1, 10)).start(0, Runnable::run);

        assertThat(front.place().freshId()).as("the front is theirs, too").isEqualTo(1_000);
    }

    @Test
    void endWithTheFirstIfABacklogThatItFindsIsLeftToOthers() {
        countMax = MANY;
        permits = 0;
        Claims claims = claimsThatBring(ids(1, 10), ids(11, 20));
        receiveAll(claims);

        assertThat(claims.isKeptOut()).isTrue();
        assertThat(claims.isMoreDue()).isTrue();
        assertThat(claims.count()).isEqualTo(10);
    }

    @Test
    void beginWithFewWhereNoBacklogIsKnown() {
        countMax = MANY;
        step = 4_000;
        claimsThatBring(ids(1, 3)).start(0, Runnable::run);

        assertThat(limits).containsExactly(500);
    }

    @Test
    void askForAllTheyMayAfterOneThatBroughtAllItMight() {
        countMax = MANY;
        step = 4_000;
        mark.noteFound(true);
        claimsThatBring(ids(1, 3)).start(0, Runnable::run);

        assertThat(limits).as("many may be due once more, too").containsExactly(4_000);
    }

    @Test
    void askForAsManyAsAreWantedForTheNextSearchAhead() {
        countMax = MANY;
        unpairedMax = 3 * STEP;
        mark.noteFound(true);
        Claims claims = claimsThatBring(ids(1, 3));
        claims.startMany(unpairedMax, Runnable::run);
        assertThat(claims.isUnderWay()).as("so many have none already").isFalse();
        claims.startMany(STEP / 2, Runnable::run);

        assertThat(limits).containsExactly(unpairedMax - STEP / 2);
    }

    @SafeVarargs
    private final Claims claimsThatBring(List<WaitingTask>... batches) {
        List<List<WaitingTask>> left = new ArrayList<>(List.of(batches));
        Claims.Statements statements = new Claims.Statements() {
            @Override
            public boolean takePermit() {
                if (permits == 0) {
                    return false;
                }
                permits--;
                permitsTaken++;
                return true;
            }

            @Override
            public Started<Claim> due(long freshId, int limit, Executor executor) {
                limits.add(limit);
                fromIds.add(freshId);
                Claim claim = claim(left.remove(0));
                return () -> claim;
            }

            @Override
            public Started<Claim> inBlocks(long freshId, int limit, Executor executor) {
                blocksFromIds.add(freshId);
                Claim claim = claim(left.remove(0));
                return () -> claim;
            }

            @Override
            public Started<Claim> left(List<Long> ids, Executor executor) {
                return () -> claim(ids.stream().map(ClaimsTest::task).toList());
            }
        };
        return new Claims(mark, new Claims.Bounds(countMax, step, unpairedMax, Duration.ofHours(1)), statements);
    }

    private static void receiveAll(Claims claims) {
        claims.start(0, Runnable::run);
        while (claims.isUnderWay()) {
            if (claims.receive().tasks().isEmpty() && !claims.isMoreDue()) {
                return;
            }
            claims.start(0, Runnable::run);
        }
    }

    private Claim claim(List<WaitingTask> tasks) {
        return new Claim(tasks, List.of(), Long.MIN_VALUE, tasks.size() == STEP, sharing, true);
    }

    private static List<WaitingTask> ids(long from, long to) {
        return LongStream.rangeClosed(from, to).mapToObj(ClaimsTest::task).toList();
    }

    private static WaitingTask task(long id) {
        return new WaitingTask(id, 1, new long[] {1}, 0, null, Instant.EPOCH);
    }
}
