package io.pgmatch.matching;

import io.pgmatch.model.ClaimMark;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.Rule;
import io.pgmatch.store.BeginRound;
import io.pgmatch.store.ClaimTasks;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Transaction;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A round: one transaction in one pool that claims due tasks, searches, takes, pairs and parks.
 * Stateless apart from the cache of rules; safe for use by several threads.
 */
final class Round {
    private final String matcher;
    private final int claimBatchMax;
    private final RoundSettings settings;
    private final Rules rules;

    Round(String matcher, int claimBatchMax, RoundSettings settings, Rules rules) {
        this.matcher = matcher;
        this.claimBatchMax = claimBatchMax;
        this.settings = settings;
        this.rules = rules;
    }

    /**
     * What a round did.
     *
     * @param claimed tasks claimed
     * @param pairs pairs made
     * @param parked tasks put to rest because nobody may be paired with them now
     * @param contended partners that could not be taken because others held them
     * @param next where the next claim in this pool may start
     * @param outdated claimed tasks that were derived by another version of the rule: nothing was
     *     committed, and they are to be derived anew first
     */
    record Outcome(int claimed, int pairs, int parked, int contended, ClaimMark next, List<Long> outdated) {
        static final Outcome NOTHING = new Outcome(0, 0, 0, 0, ClaimMark.START, List.of());

        static Outcome of(List<Long> outdated) {
            return new Outcome(0, 0, 0, 0, ClaimMark.START, outdated);
        }
    }

    /** Runs a round by the database's clock, and commits it. */
    Outcome run(Transaction transaction, String pool, ClaimMark from) {
        return run(transaction, pool, from, null);
    }

    /**
     * Runs a round and commits it. On any error the transaction is the caller's to roll back, as where
     * nothing was claimed.
     *
     * @param virtualNow the time to go by; null, outside tests and simulations, for the database's
     */
    Outcome run(Transaction transaction, String pool, ClaimMark from, @Nullable Instant virtualNow) {
        Optional<BeginRound.Start> start = BeginRound.run(transaction, pool, settings, virtualNow);
        if (start.isEmpty() || start.get().paused()) {
            return Outcome.NOTHING;
        }
        Instant now = start.get().now();
        int ruleVersion = start.get().ruleVersion();
        Rule rule = rules.find(transaction, pool, ruleVersion);
        if (rule == null) {
            return Outcome.NOTHING;
        }
        ClaimTasks.Claim claim =
                ClaimTasks.run(transaction, pool, now, from, claimBatchMax, ruleVersion, rule.readsAttributes());
        List<WaitingTask> claimed = claim.tasks();
        if (claimed.isEmpty()) {
            return Outcome.NOTHING;
        }
        if (!claim.outdated().isEmpty()) {
            return Outcome.of(claim.outdated());
        }
        Course course = new Course(transaction, pool, rule, ruleVersion, now);
        course.claim(claimed);
        course.search();
        int pairs = course.pair(matcher);
        int parked = course.park();
        transaction.commit();
        return new Outcome(claimed.size(), pairs, parked, course.contended(), mark(claimed), List.of());
    }

    /** A short claim saw all that was due, so the next one looks at everything again. */
    private ClaimMark mark(List<WaitingTask> claimed) {
        WaitingTask last = claimed.get(claimed.size() - 1);
        return claimed.size() == claimBatchMax && last.fresh() ? new ClaimMark(last.id() + 1) : ClaimMark.START;
    }
}
