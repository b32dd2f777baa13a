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
     * What a search ahead has passed over, because it was not committed yet or held by somebody, waits no longer than
     * this to be found by another one; or until it is claimed itself, where that is sooner.
     */
    static final Duration SEARCH_AHEAD_STARTS_OVER_AFTER = Duration.ofMinutes(1);

    /** A backlog of which neither claim nor look has told for so long is none, or lies in blocks that somebody keeps. */
    static final Duration BACKLOG_REMEMBERED = Duration.ofSeconds(10);

    /**
     * Rounds lock what they claim for so long after one that did not lost a task to somebody else; twice as long
     * each time that it happens again soon after.
     */
    static final Duration COLLISION_REMEMBERED = Duration.ofSeconds(10);

    /** At most so long. */
    static final Duration COLLISION_REMEMBERED_MAX = Duration.ofMinutes(5);

    /** Others are taken to be at work in a backlog for so long after a claim met a block of theirs. */
    static final Duration SHARING_REMEMBERED = Duration.ofSeconds(10);

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
    private boolean inBacklog;

    @GuardedBy("this")
    private long backlogSeenAt;

    /** Since {@link #collidedAt}; zero if there was no collision. */
    @GuardedBy("this")
    private Duration lockingFor = Duration.ZERO;

    @GuardedBy("this")
    private long collidedAt;

    @GuardedBy("this")
    private boolean shared;

    /** Since then, if it ever was. */
    @GuardedBy("this")
    private long sharedAt;

    /** What {@link #noteCrowded} was told last. */
    @GuardedBy("this")
    private boolean crowded;

    /** By bucket, the last task of those that were all paired ahead of their claim. */
    @GuardedBy("this")
    private Map<Long, Long> aheadIds = new HashMap<>();

    @GuardedBy("this")
    private long aheadStartedOver;

    /** A front at the very start. */
    ClaimFront() {
        this(System::nanoTime);
    }

    /** A front at the very start, by a clock that only measures how much time goes by. */
    ClaimFront(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.startedOver = nanoTime.getAsLong();
        this.aheadStartedOver = startedOver;
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
        if (nanoTime.getAsLong() - aheadStartedOver >= SEARCH_AHEAD_STARTS_OVER_AFTER.toNanos()) {
            startOver();
        } else if (nanoTime.getAsLong() - startedOver >= START_OVER_AFTER.toNanos()) {
            startClaimsOver();
        }
        return new Place(freshId, turn);
    }

    /** Notes that a claim that started there has come up to this id. */
    synchronized void reach(Place from, long nextFreshId) {
        if (from.turn() == turn) {
            freshId = Math.max(freshId, nextFreshId);
        }
    }

    /** Whether a claim that brought all it might, or a look, has told lately that much is due. */
    synchronized boolean isInBacklog() {
        return inBacklog && nanoTime.getAsLong() - backlogSeenAt < BACKLOG_REMEMBERED.toNanos();
    }

    /** Notes whether much is due. */
    synchronized void noteBacklog(boolean isMoreDue) {
        inBacklog = isMoreDue;
        backlogSeenAt = nanoTime.getAsLong();
    }

    /** Whether nobody else is likely to touch what a round has claimed, or found ahead of its claims. */
    synchronized boolean isUndisturbed() {
        return lockingFor.isZero() || nanoTime.getAsLong() - collidedAt >= lockingFor.toNanos();
    }

    /** Notes that somebody else has touched what a round had claimed. */
    synchronized void noteCollision() {
        long now = nanoTime.getAsLong();
        Duration doubled = lockingFor.multipliedBy(2);
        boolean isSoon = !lockingFor.isZero() && now - collidedAt < doubled.toNanos();
        lockingFor = !isSoon
                ? COLLISION_REMEMBERED
                : doubled.compareTo(COLLISION_REMEMBERED_MAX) < 0 ? doubled : COLLISION_REMEMBERED_MAX;
        collidedAt = now;
    }

    /** Whether no claim has met what others claim in for a while. */
    synchronized boolean isAlone() {
        return !shared || nanoTime.getAsLong() - sharedAt >= SHARING_REMEMBERED.toNanos();
    }

    /** Notes that a claim met what others claim in. */
    synchronized void noteSharing() {
        shared = true;
        sharedAt = nanoTime.getAsLong();
    }

    /** Whether the last search among those who wait had to read on, for some task, behind what it had read first. */
    synchronized boolean isCrowded() {
        return crowded;
    }

    /** Notes whether such a search has to. */
    synchronized void noteCrowded(boolean isCrowded) {
        crowded = isCrowded;
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

    /** Has the next claim, and the next search ahead, look at everything; returns where it starts. */
    synchronized Place startOver() {
        startClaimsOver();
        aheadIds = new HashMap<>();
        aheadStartedOver = startedOver;
        return new Place(freshId, turn);
    }

    private synchronized void startClaimsOver() {
        freshId = Long.MIN_VALUE;
        turn++;
        startedOver = nanoTime.getAsLong();
    }
}
