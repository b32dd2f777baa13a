package io.pgmatch.matching;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

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
    /** What lies behind the front waits no longer than this for a claim, however much is due ahead of it. */
    static final Duration START_OVER_AFTER = Duration.ofSeconds(5);

    /**
     * How long others that were seen are reckoned with. A round says that it is there only with its first full
     * claim, so who sees none between two rounds of theirs is not alone; and at the end of a backlog there are no
     * full claims, while the others still hold much.
     */
    static final Duration OTHERS_REMEMBERED = Duration.ofSeconds(1);

    /** Most buckets of which it is known how far they were searched ahead. */
    private static final int BUCKETS_MAX = 50_000;

    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private long startedOver;

    @GuardedBy("this")
    private long freshId = Long.MIN_VALUE;

    @GuardedBy("this")
    private int turn;

    @GuardedBy("this")
    private boolean othersSeen;

    @GuardedBy("this")
    private long othersSeenAt;

    /** By bucket, the last task of those that were all paired ahead of their claim. */
    @GuardedBy("this")
    private Map<Long, Long> aheadIds = new HashMap<>();

    /** A front at the very start. */
    ClaimFront() {
        this(System::nanoTime);
    }

    /** A front at the very start, by a clock that only measures how much time goes by. */
    ClaimFront(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.startedOver = nanoTime.getAsLong();
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
        if (nanoTime.getAsLong() - startedOver >= START_OVER_AFTER.toNanos()) {
            startOver();
        }
        return new Place(freshId, turn);
    }

    /** Notes that a claim that started there has come up to this id. */
    synchronized void reach(Place from, long nextFreshId) {
        if (from.turn() == turn) {
            freshId = Math.max(freshId, nextFreshId);
        }
    }

    /** Whether other rounds claimed in the pool a short while ago. */
    synchronized boolean isAmongOthers() {
        return othersSeen && nanoTime.getAsLong() - othersSeenAt < OTHERS_REMEMBERED.toNanos();
    }

    /** Notes that other rounds claim in the pool. */
    synchronized void noteOthers() {
        othersSeen = true;
        othersSeenAt = nanoTime.getAsLong();
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

    /** Has the next claim look at everything; returns where it starts. */
    synchronized Place startOver() {
        freshId = Long.MIN_VALUE;
        turn++;
        startedOver = nanoTime.getAsLong();
        aheadIds = new HashMap<>();
        return new Place(freshId, turn);
    }
}
