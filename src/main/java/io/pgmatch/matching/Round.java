package io.pgmatch.matching;

import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.Rule;
import io.pgmatch.store.BeginRound;
import io.pgmatch.store.ClaimTasks;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A round: one transaction in one pool that claims due tasks, searches, takes, pairs and parks.
 * Stateless apart from the cache of rules; safe for use by several threads.
 */
final class Round {
    /** Most tasks that a round claims at a time; it has about twice as many in memory. */
    static final int STEP_MAX = 4_000;

    /** A round claims no more after this: a task that somebody cancels is not to wait long. */
    private static final long CLAIMING_NANOS = Duration.ofMillis(250).toNanos();

    private final String matcher;
    private final int claimBatchMax;
    private final int stepMax;
    private final BeginRound begin;
    private final Rules rules;

    /** Rounds with steps of the usual size. */
    Round(String matcher, int claimBatchMax, RoundSettings settings, Rules rules) {
        this(matcher, claimBatchMax, STEP_MAX, settings, rules);
    }

    /**
     * Rounds of a matcher.
     *
     * @param matcher its name
     * @param claimBatchMax most tasks that a round claims
     * @param stepMax most tasks that it claims at a time
     */
    Round(String matcher, int claimBatchMax, int stepMax, RoundSettings settings, Rules rules) {
        this.matcher = matcher;
        this.claimBatchMax = claimBatchMax;
        this.stepMax = stepMax;
        this.begin = new BeginRound(settings);
        this.rules = rules;
    }

    /**
     * What a round did.
     *
     * @param claimed tasks claimed
     * @param pairs pairs made
     * @param parked tasks put to rest because nobody may be paired with them now
     * @param contended partners that could not be taken because others held them
     * @param outdated claimed tasks that were derived by another version of the rule: nothing was
     *     committed, and they are to be derived anew first
     */
    record Outcome(int claimed, int pairs, int parked, int contended, List<Long> outdated) {
        static final Outcome NOTHING = new Outcome(0, 0, 0, 0, List.of());

        static Outcome of(List<Long> outdated) {
            return new Outcome(0, 0, 0, 0, outdated);
        }
    }

    /** Runs a round by the database's clock, and commits it. */
    Outcome run(Transaction transaction, String pool, ClaimMark mark) {
        return run(transaction, pool, mark, null);
    }

    /**
     * Runs a round and commits it. On any error the transaction is the caller's to roll back, as where
     * nothing was claimed; and the front is to start over.
     *
     * @param mark where to start; moved
     * @param virtualNow the time to go by; null, outside tests and simulations, for the database's
     */
    Outcome run(Transaction transaction, String pool, ClaimMark mark, @Nullable Instant virtualNow) {
        Optional<BeginRound.Start> start = begin.run(transaction, pool, virtualNow);
        if (start.isEmpty() || start.get().paused()) {
            return Outcome.NOTHING;
        }
        Instant now = start.get().now();
        int ruleVersion = start.get().ruleVersion();
        Rule rule = rules.find(transaction, pool, ruleVersion);
        if (rule == null) {
            return Outcome.NOTHING;
        }
        ClaimFront front = mark.front();
        Course course = new Course(transaction, matcher, pool, rule, ruleVersion, now, front);
        long deadline = System.nanoTime() + CLAIMING_NANOS;
        int claimed = 0;
        boolean more = true;
        for (List<Long> left = mark.left(); more; left = List.of()) {
            int limit = Math.min(stepMax, claimBatchMax - claimed);
            ClaimFront.Place place = front.place();
            ClaimTasks.Claim claim = left.isEmpty()
                    ? ClaimTasks.run(transaction, pool, now, place.freshId(), limit, ruleVersion, rule.needs())
                    : ClaimTasks.left(transaction, pool, now, left, ruleVersion, rule.needs());
            if (!claim.outdated().isEmpty()) {
                if (claimed == 0) {
                    return Outcome.of(claim.outdated());
                }
                break;
            }
            List<WaitingTask> tasks = claim.tasks();
            if (left.isEmpty()) {
                if (tasks.size() == limit && tasks.get(limit - 1).fresh()) {
                    front.reach(place, tasks.get(limit - 1).id() + 1);
                } else {
                    // A claim that came back short saw all that was due, from there on.
                    front.startOver();
                    more = claimed + tasks.size() == 0 && !place.isStart();
                }
            }
            course.step(tasks, place);
            claimed += tasks.size();
            if (claimed >= claimBatchMax || System.nanoTime() >= deadline) {
                break;
            }
            if (course.unpaired() >= stepMax && more) {
                course.searchAhead();
                if (2 * course.unpaired() >= stepMax) {
                    break;
                }
            }
        }
        if (claimed == 0) {
            return Outcome.NOTHING;
        }
        List<Long> left = List.of();
        int parked = 0;
        if (more && 2 * course.unpaired() < claimed) {
            left = course.leave();
        } else {
            if (more) {
                course.searchAhead();
            }
            parked = course.park();
        }
        transaction.commit();
        mark.leave(left);
        front.endRound();
        return new Outcome(claimed, course.pairs(), parked, course.contended(), List.of());
    }
}
