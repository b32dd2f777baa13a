package io.pgmatch.matching;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;

/**
 * How far the workers of a matcher have come in a pool: where the next claim starts, whoever's it is, so that
 * it walks neither over the index entries of all that were deleted before nor over what the
 * other workers hold. Thread-safe.
 *
 * <p>Implementation notes. Ids do not commit in order, and what a failed round held is to be claimed again,
 * so now and then the front starts over; a round that began before then moves it no more. It is a
 * matter of speed alone: what lies behind the front is claimed a little later.
 */
final class ClaimFront {
    /** Rounds of each worker before the front starts over. */
    private static final int ROUNDS_MAX = 8;

    /** Most buckets of which it is known how far they were searched ahead. */
    private static final int BUCKETS_MAX = 50_000;

    private final int roundsMax;

    @GuardedBy("this")
    private long freshId = Long.MIN_VALUE;

    @GuardedBy("this")
    private int turn;

    @GuardedBy("this")
    private int rounds;

    /** By bucket, the last task of those that were all paired ahead of their claim. */
    @GuardedBy("this")
    private Map<Long, Long> aheadIds = new HashMap<>();

    /** A front at the very start. */
    ClaimFront(int workerCount) {
        this.roundsMax = ROUNDS_MAX * workerCount;
    }

    /**
     * A place in a pool.
     *
     * @param freshId fresh tasks with lower ids are not looked at; tasks that are due again always are
     * @param turn how often the front had started over by then
     */
    record Place(long freshId, int turn) {
        /** Whether everything is looked at from here. */
        boolean isStart() {
            return freshId == Long.MIN_VALUE;
        }
    }

    /** Where to claim next. */
    synchronized Place place() {
        return new Place(freshId, turn);
    }

    /** Notes that a claim that started there has come up to this id. */
    synchronized void reach(Place from, long nextFreshId) {
        if (from.turn() == turn) {
            freshId = Math.max(freshId, nextFreshId);
        }
    }

    /** Where to go on searching ahead in that bucket: after this id. */
    synchronized long aheadId(long bucket) {
        return aheadIds.getOrDefault(bucket, Long.MIN_VALUE);
    }

    /** Notes that a search ahead, after a claim that started there, has come up to this task. */
    synchronized void reachAhead(Place from, long bucket, long id) {
        if (from.turn() == turn && (aheadIds.size() < BUCKETS_MAX || aheadIds.containsKey(bucket))) {
            aheadIds.merge(bucket, id, Math::max);
        }
    }

    /** Notes that a round has ended. */
    synchronized void endRound() {
        rounds++;
        if (rounds >= roundsMax) {
            startOver();
        }
    }

    /** Has the next claim look at everything; returns where it starts. */
    synchronized Place startOver() {
        freshId = Long.MIN_VALUE;
        turn++;
        rounds = 0;
        aheadIds = new HashMap<>();
        return place();
    }
}
