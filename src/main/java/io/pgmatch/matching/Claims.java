package io.pgmatch.matching;

import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.Rule;
import io.pgmatch.store.BeginRound.FirstClaim;
import io.pgmatch.store.ClaimTasks;
import io.pgmatch.store.ClaimTasks.Claim;
import io.pgmatch.store.Transaction.Started;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a round, one after the other: first what the worker's last round left, then what is due
 * from the front on. Used by the round's thread only.
 */
final class Claims {
    /**
     * Rounds that claim fewer tasks than four blocks hold do not claim in blocks: they would keep others out of one,
     * and not get through with it.
     */
    private static final int IN_BLOCKS_MIN = 4 * ClaimTasks.BLOCK_IDS;

    /**
     * Where neither a backlog nor the claim before tells of more a claim is of so many: of several matchers that come upon a
     * new backlog each walks over what those before it hold.
     */
    private static final int PROBE_MAX = 500;

    private final ClaimMark mark;
    private final Bounds bounds;
    private final Statements statements;
    private final long deadline;

    /** Where the claim that is under way starts. */
    private ClaimFront.Place place;

    /**
     * After the fresh tasks that the worker has claimed. The round's next claim would find its own again: also where
     * the front has started over meanwhile, which is then for the next round to follow. And in blocks each
     * worker goes on where it has ended itself, so that it ends the block that it has begun.
     */
    private long ownFreshId;

    /** The first fresh task that the claim under way looks at. */
    private long fromId = Long.MIN_VALUE;

    private int limit;
    private int count;
    private boolean moreDue = true;
    private boolean permitted;
    private boolean keptOut;
    private boolean sharing;
    private boolean startingOver;
    private boolean leftToClaim;

    /** See {@link #cameWithBegin}. */
    private boolean withBegin;

    private @Nullable Started<Claim> underWay;

    /**
     * Bounds of a round.
     *
     * @param countMax most tasks that it claims
     * @param stepMax most tasks that it claims at a time, save behind a search ahead
     * @param unpairedMax it claims no more while so many of them have no partner
     * @param time it claims no more after this
     */
    record Bounds(int countMax, int stepMax, int unpairedMax, Duration time) {}

    /**
     * What a claim brought.
     *
     * @param tasks the tasks; none if some are outdated
     * @param place where the claim started
     * @param lastFreshId the highest id of those that nobody has searched for yet; Long.MIN_VALUE if there are none
     * @param isAnybodyWaiting whether there may be tasks that have been searched for before
     * @param outdated tasks that were derived by another version of the rule: the round is not to go on
     */
    record Batch(
            List<WaitingTask> tasks,
            ClaimFront.Place place,
            long lastFreshId,
            boolean isAnybodyWaiting,
            List<Long> outdated) {}

    /** Starts the statements. */
    interface Statements {
        /** Takes a permit to claim in blocks, until the end of the round; false if enough others do. */
        boolean takePermit();

        /** Claims what is due, at most {@code limit}, from a fresh task on. */
        Started<Claim> due(long freshId, int limit, Executor executor);

        /** Claims what is due in blocks of ids that nobody else claims in, from a fresh task on. */
        Started<Claim> inBlocks(long freshId, int limit, Executor executor);

        /** Claims those that are still there. */
        Started<Claim> left(List<Long> ids, Executor executor);
    }

    /**
     * The claim with which a round may begin.
     *
     * @param place where it starts
     * @param statement what is sent
     */
    record First(ClaimFront.Place place, FirstClaim statement) {}

    /** The claim with which a round from that mark would begin; null in a backlog, or if the worker's last round left something. */
    static @Nullable First first(ClaimMark mark, Bounds bounds, int ruleVersion, Rule rule) {
        if (mark.front().isInBacklog() || !mark.left().isEmpty()) {
            return null;
        }
        ClaimFront.Place place = mark.front().place();
        long fromId = Math.max(place.freshId(), mark.ownFreshId(place.turn()));
        int limit = limit(mark, bounds, false, bounds.stepMax());
        boolean withPartner = limit == 1 && pairsAnyTwoOfABucket(rule);
        return new First(place, new FirstClaim(ruleVersion, rule.needs(), fromId, limit, withPartner, rule.changes()));
    }

    /** Whether any two tasks of one bucket may be paired, and no others. */
    private static boolean pairsAnyTwoOfABucket(Rule rule) {
        return rule.isNarrowedExactly() && !rule.needs().seeks();
    }

    /** Claims that start from that mark. */
    Claims(ClaimMark mark, Bounds bounds, Statements statements) {
        this.mark = mark;
        this.bounds = bounds;
        this.statements = statements;
        this.deadline = System.nanoTime() + bounds.time().toNanos();
        this.place = mark.front().place();
        this.ownFreshId = mark.ownFreshId(place.turn());
        this.leftToClaim = !mark.left().isEmpty();
    }

    /** Goes on with a claim that was made as the round began. */
    void goOn(First first, Claim claim) {
        place = first.place();
        fromId = first.statement().freshId();
        limit = first.statement().limit();
        underWay = () -> claim;
        withBegin = true;
    }

    /**
     * Starts the next claim; unless one is under way, nothing more is due, or the round has enough to do.
     *
     * @param unpaired how many of those claimed before have no partner
     * @param executor runs the claim
     */
    void start(int unpaired, Executor executor) {
        start(unpaired, bounds.stepMax(), executor);
    }

    /** The same for so many that the next search ahead is on behalf of as many as may be without a partner. */
    void startMany(int unpaired, Executor executor) {
        start(unpaired, Math.max(bounds.stepMax(), bounds.unpairedMax() - unpaired), executor);
    }

    private void start(int unpaired, int stepMax, Executor executor) {
        if (underWay != null || keptOut || !moreDue || isEnough(unpaired) || isBeyondBounds()) {
            return;
        }
        boolean inBlocks = mark.front().isInBacklog();
        if (inBlocks && !permitted) {
            permitted = statements.takePermit();
            if (!permitted) {
                keepOut();
                return;
            }
        }
        if (!startingOver) {
            place = mark.front().place();
        }
        withBegin = false;
        if (leftToClaim) {
            underWay = statements.left(mark.left(), executor);
        } else {
            limit = Math.min(limit(mark, bounds, inBlocks, stepMax), bounds.countMax() - count);
            fromId = inBlocks && ownFreshId > Long.MIN_VALUE ? ownFreshId : Math.max(place.freshId(), ownFreshId);
            underWay =
                    inBlocks ? statements.inBlocks(fromId, limit, executor) : statements.due(fromId, limit, executor);
        }
    }

    /** Enough others drain the backlog: they are to have what this worker was to begin with, too, and has not claimed. */
    private void keepOut() {
        keptOut = true;
        mark.front().noteBacklog(true);
        if (leftToClaim) {
            leftToClaim = false;
            mark.leave(List.of());
            mark.front().startOver();
        }
    }

    private static int limit(ClaimMark mark, Bounds bounds, boolean inBlocks, int stepMax) {
        boolean isProbe = !inBlocks && mayClaimInBlocks(bounds.countMax()) && !mark.foundMany();
        return Math.min(isProbe ? Math.min(stepMax, PROBE_MAX) : stepMax, bounds.countMax());
    }

    /** Whether rounds that claim at most so many tasks claim in blocks where there is a backlog; others are told of none. */
    static boolean mayClaimInBlocks(int countMax) {
        return countMax >= IN_BLOCKS_MIN;
    }

    /** Whether the round claims no more, however many of its tasks find a partner. */
    boolean isOver() {
        return underWay == null && (keptOut || !moreDue || isBeyondBounds());
    }

    private boolean isBeyondBounds() {
        return count >= bounds.countMax() || (count > 0 && System.nanoTime() >= deadline);
    }

    /** Whether a claim was started whose tasks have yet to be received. */
    boolean isUnderWay() {
        return underWay != null;
    }

    /** Waits for the claim that is under way. */
    Batch receive() {
        Started<Claim> started = underWay;
        if (started == null) {
            throw new IllegalStateException("claims: wanted one under way, got none");
        }
        Claim claim = started.result();
        underWay = null;
        if (!claim.outdated().isEmpty()) {
            return new Batch(List.of(), place, claim.lastFreshId(), claim.isAnybodyWaiting(), claim.outdated());
        }
        List<WaitingTask> tasks = claim.tasks();
        count += tasks.size();
        if (claim.isSharing()) {
            sharing = true;
            mark.front().noteSharing();
        }
        if (leftToClaim) {
            leftToClaim = false;
            return new Batch(tasks, place, claim.lastFreshId(), claim.isAnybodyWaiting(), List.of());
        }
        mark.noteFound(tasks.size() >= limit);
        if (claim.isFull()) {
            mark.front().noteBacklog(mayClaimInBlocks(bounds.countMax()));
            boolean fromPlace = ownFreshId <= place.freshId();
            ownFreshId = tasks.get(tasks.size() - 1).id() + 1;
            if (fromPlace) {
                mark.front().reach(place, ownFreshId);
                mark.reach(new ClaimFront.Place(ownFreshId, place.turn()));
            }
        } else if (claim.isSharing()) {
            moreDue = false;
        } else {
            // A claim that came back short saw all that was due, from there on.
            if (fromId == Long.MIN_VALUE) {
                mark.front().noteBacklog(false);
            }
            moreDue = count == 0 && !place.isStart();
            startingOver = true;
            place = mark.front().startOver();
            ownFreshId = Long.MIN_VALUE;
        }
        return new Batch(tasks, place, claim.lastFreshId(), claim.isAnybodyWaiting(), List.of());
    }

    /** Whether so many are without a partner that the round claims no more before it has searched ahead. */
    boolean isEnough(int unpaired) {
        return unpaired >= bounds.unpairedMax();
    }

    /** Whether the round claims no more, though more is due, because enough others drain the backlog. */
    boolean isKeptOut() {
        return keptOut;
    }

    /** Whether the last claim came as the round began: if the rule changes with time, the round's time was read behind it. */
    boolean cameWithBegin() {
        return withBegin;
    }

    /** How many tasks were claimed. */
    int count() {
        return count;
    }

    /** Whether others claim in between, so that the round did not see all that is fresh. */
    boolean isSharing() {
        return sharing;
    }

    /** Whether more may be due than was claimed. */
    boolean isMoreDue() {
        return moreDue;
    }
}
