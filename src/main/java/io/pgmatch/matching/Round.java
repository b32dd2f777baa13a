package io.pgmatch.matching;

import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.Rule;
import io.pgmatch.store.BeginRound;
import io.pgmatch.store.ClaimTasks;
import io.pgmatch.store.ParkTasks.Rest;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A round: one transaction in one pool that claims due tasks, searches, takes, pairs and parks.
 * Stateless apart from the cache of rules and the threads of its statements; safe for use by several threads.
 */
final class Round {
    private static final Logger LOG = LoggerFactory.getLogger("io.pgmatch.Matcher");

    /**
     * Most tasks that a round claims at a time; three times as many behind a search ahead. It has about three times as many
     * in memory, or fifteen where it searches ahead.
     */
    static final int STEP_MAX = 4_000;

    /**
     * In its course it searches ahead when as many are without a partner as it claims in so many steps: most of what that
     * takes is the way into each window, so there is to be much to find in each.
     */
    private static final int STEPS_BEFORE_SEARCH_AHEAD = 3;

    /** A round claims no more after this: a task that somebody cancels is not to wait long. */
    static final Duration CLAIMING_TIME = Duration.ofMillis(250);

    /** For fewer tasks it takes longer to hand a statement to another thread than what is done meanwhile. */
    private static final int MANY = 100;

    /** A round that claims fewer ends in one trip where it can; of more the trips are the lesser part. */
    static final int BRIEF_MAX = 100;

    /**
     * As many may back off without a last look while others claim. If nobody fits them they come again and again as long as
     * the others claim, once a second in the end, so they must be few; but what a round has claimed that then gets no permit
     * all backs off.
     */
    private static final int FEW_MAX = 1_000;

    /** For what the round would only wait for: no thread of its own. */
    private static final Executor AT_ONCE = Runnable::run;

    private final String matcher;
    private final Bounds bounds;
    private final BeginRound begin;
    private final BeginRound beginOptimistic;
    private final Rules rules;
    private final Executor statements;

    /** Rounds with steps of the usual size, one at a time in a backlog, whose statements run in the caller's thread. */
    Round(String matcher, int claimBatchMax, RoundSettings settings, Rules rules) {
        this(matcher, new Bounds(claimBatchMax, STEP_MAX, CLAIMING_TIME, 1, BRIEF_MAX), settings, rules, AT_ONCE);
    }

    /**
     * Rounds of a matcher.
     *
     * @param matcher its name
     * @param statements runs what a round need not wait for; one at a time of each round
     */
    Round(String matcher, Bounds bounds, RoundSettings settings, Rules rules, Executor statements) {
        this.matcher = matcher;
        this.bounds = bounds;
        this.begin = new BeginRound(settings);
        this.beginOptimistic = new BeginRound(settings.optimistic());
        this.rules = rules;
        this.statements = statements;
    }

    /**
     * Bounds of rounds.
     *
     * @param claimBatchMax most tasks that a round claims
     * @param stepMax most tasks that it claims at a time, save behind a search ahead
     * @param claimingTime it claims no more after this
     * @param backlogRoundsMax most rounds at once, whoever's, that drain the backlog of a pool
     * @param briefMax a round that claims fewer ends in one trip where it can
     */
    record Bounds(int claimBatchMax, int stepMax, Duration claimingTime, int backlogRoundsMax, int briefMax) {}

    /**
     * What a round did.
     *
     * @param claimed tasks claimed
     * @param pairs pairs made
     * @param parked tasks put to rest because nobody may be paired with them now
     * @param contended partners that could not be taken because others held them; and 1 if nothing was committed because
     *     somebody else touched what the round had claimed
     * @param isKeptOut whether more is due, and left to others, of whom as many as may are draining the backlog
     * @param outdated claimed tasks that were derived by another version of the rule: nothing was
     *     committed, and they are to be derived anew first
     */
    record Outcome(int claimed, int pairs, int parked, int contended, boolean isKeptOut, List<Long> outdated) {
        static final Outcome NOTHING = new Outcome(0, 0, 0, 0, false, List.of());

        static final Outcome KEPT_OUT = new Outcome(0, 0, 0, 0, true, List.of());

        static Outcome of(List<Long> outdated) {
            return new Outcome(0, 0, 0, 0, false, outdated);
        }

        static Outcome collided(int claimed) {
            return new Outcome(claimed, 0, 0, 1, false, List.of());
        }
    }

    /** Runs a round by the database's clock, and commits it. */
    Outcome run(Transaction transaction, String pool, ClaimMark mark) {
        return run(transaction, pool, mark, null);
    }

    /**
     * Runs a round and commits it. On any error the transaction is the caller's to roll back, as where
     * nothing was committed; and the front is to start over.
     *
     * <p>Implementation notes. In the middle of a backlog a round is optimistic: it does not lock the tasks of the
     * blocks of ids that it owns, in which no other round claims, nor whom it finds ahead of them where it seems to be
     * alone, and finds out as it deletes them whether somebody else touched them in spite of that. Such a round is
     * lost, and for a while rounds lock what they claim. (Kung and Robinson, On Optimistic Methods for Concurrency
     * Control, 1981.) It may wait for a row: of a session that is not ours, or of a round that searched ahead and may
     * wait in turn. So it does not wait for long.
     *
     * @param mark where to start; moved
     * @param virtualNow the time to go by; null, outside tests and simulations, for the database's
     */
    Outcome run(Transaction transaction, String pool, ClaimMark mark, @Nullable Instant virtualNow) {
        boolean undisturbed = mark.front().isUndisturbed();
        boolean optimistic = mark.front().isInBacklog() && undisturbed;
        Claims.First first = firstClaim(rules.known(pool), mark);
        Optional<BeginRound.Begun> begun = (optimistic ? beginOptimistic : begin)
                .run(transaction, pool, virtualNow, first == null ? null : first.statement());
        if (begun.isEmpty() || begun.get().start().paused()) {
            return Outcome.NOTHING;
        }
        BeginRound.Start start = begun.get().start();
        Rule rule = rules.find(transaction, pool, start.ruleVersion());
        if (rule == null) {
            return Outcome.NOTHING;
        }
        Terms terms = new Terms(transaction, pool, rule, start.ruleVersion(), start.now(), optimistic);
        Claims claims = new Claims(mark, claimBounds(rule), new ClaimStatements(terms, bounds.backlogRoundsMax()));
        ClaimTasks.Claim claim = begun.get().claim();
        if (first != null && claim != null) {
            claims.goOn(first, claim);
        }
        try {
            Course course = new Course(terms, matcher, mark.front(), bounds.stepMax(), virtualNow);
            WaitingTask partner = begun.get().partner();
            if (partner != null) {
                course.bring(partner);
            }
            return run(terms, claims, course, mark);
        } catch (RuntimeException e) {
            // By a rule that changes with time the round may go by a later time than its claim did, and a task may have
            // expired in between. If a round loses one soon again, that is not why.
            boolean mayLoseTasks = optimistic || (undisturbed && rule.changes());
            if (!mayLoseTasks || !LostTasksException.is(e)) {
                throw e;
            }
            LOG.debug("pool \"{}\": somebody else touched what a round had claimed: {}", terms.pool(), e.getMessage());
            mark.front().noteCollision();
            mark.front().startOver();
            return Outcome.collided(claims.count());
        }
    }

    /** What the round claims as it begins, if the rule is still the one by which the last one went; null to see that first. */
    private Claims.@Nullable First firstClaim(Rules.@Nullable Versioned known, ClaimMark mark) {
        Rule rule = known == null ? null : known.rule();
        return known == null || rule == null ? null : Claims.first(mark, claimBounds(rule), known.version(), rule);
    }

    private Claims.Bounds claimBounds(Rule rule) {
        int unpairedMax =
                SearchAhead.isPossible(rule) ? STEPS_BEFORE_SEARCH_AHEAD * bounds.stepMax() : bounds.stepMax();
        return new Claims.Bounds(bounds.claimBatchMax(), bounds.stepMax(), unpairedMax, bounds.claimingTime());
    }

    private Outcome run(Terms terms, Claims claims, Course course, ClaimMark mark) {
        claims.start(0, AT_ONCE);
        int leftBySearchAhead = 0;
        while (claims.isUnderWay()) {
            Claims.Batch batch = claims.receive();
            if (!batch.outdated().isEmpty()) {
                if (claims.count() == 0) {
                    return Outcome.of(batch.outdated());
                }
                break;
            }
            int unpairedBefore = course.unpaired().size();
            // The next claim runs while these are paired, and while the pairs are recorded the next are taken up. If
            // anybody waits, the search among them goes first, because these are not paired before it. If so many are
            // unpaired that a search ahead comes next, the claim is for the one after that: it runs at once if nobody
            // waits, else once that search was started.
            boolean claimsAtOnce =
                    !claims.isEnough(unpairedBefore + batch.tasks().size());
            if (!batch.isAnybodyWaiting()) {
                if (claimsAtOnce) {
                    claims.start(unpairedBefore, statements);
                } else if (SearchAhead.isPossible(terms.rule())) {
                    claims.startMany(leftBySearchAhead, statements);
                }
            }
            if (isBrief(terms, claims, batch, mark)) {
                Optional<Outcome> outcome = conclude(course, claims, batch, mark);
                if (outcome.isPresent()) {
                    return outcome.get();
                }
            } else {
                course.takeUp(batch, batch.tasks().size() < MANY ? AT_ONCE : statements);
            }
            if (claimsAtOnce) {
                claims.start(unpairedBefore, statements);
            }
            course.pairUp(claims.isUnderWay() ? statements : AT_ONCE);
            if (claims.isMoreDue() && claims.isEnough(course.unpaired().size())) {
                int left = leftBySearchAhead;
                course.searchAhead(statements, () -> claims.startMany(left, statements));
                leftBySearchAhead = course.unpaired().size();
            }
            claims.start(course.unpaired().size(), AT_ONCE);
        }
        if (claims.count() == 0) {
            return claims.isKeptOut() ? Outcome.KEPT_OUT : Outcome.NOTHING;
        }
        Leftovers leftovers = leaveOrRest(course, claims, mark);
        terms.transaction().commit();
        mark.leave(leftovers.left());
        return new Outcome(
                claims.count(), course.pairs(), leftovers.parked(), course.contended(), claims.isKeptOut(), List.of());
    }

    /** Whether the round has claimed and locked all that it will, that is little, and the last one left none of it. */
    private boolean isBrief(Terms terms, Claims claims, Claims.Batch batch, ClaimMark mark) {
        return claims.isOver()
                && !claims.isKeptOut()
                && !terms.isOptimistic()
                // Whoever is put to rest is to be judged by a time after its claim.
                && (claims.cameWithBegin() || !terms.rule().changes())
                // Who has lost its partner once is to back off if it loses it again.
                && mark.left().isEmpty()
                && claims.count() == batch.tasks().size()
                && claims.count() < bounds.briefMax();
    }

    /**
     * Takes up a brief round's tasks, and ends it in one trip; empty if it has to go on step by step, since for somebody
     * one look is not enough.
     */
    private Optional<Outcome> conclude(Course course, Claims claims, Claims.Batch batch, ClaimMark mark) {
        if (claims.isMoreDue()) {
            course.takeUp(batch, AT_ONCE);
            course.choose();
            if (isMany(course.unpaired().size(), claims)) {
                course.chooseAhead();
            }
            if (!course.unpaired().isEmpty()) {
                return Optional.empty();
            }
        } else {
            course.takeUpAll(batch);
            course.choose();
        }
        return course.restsAtFirstLook().map(rests -> {
            // Who lost its partner to somebody else comes first in the worker's next round, which goes step by step.
            mark.leave(course.conclude(rests));
            int parked = (int) rests.stream().filter(Rest::isAtRest).count();
            return new Outcome(claims.count(), course.pairs(), parked, course.contended(), false, List.of());
        });
    }

    /** Whether so many are without a partner that to put them to rest, only for their partners to find them later, costs more. */
    private boolean isMany(int unpaired, Claims claims) {
        return unpaired >= bounds.stepMax() || 2 * unpaired >= claims.count();
    }

    /**
     * What became of those without a partner.
     *
     * @param left ids of those that the worker's next round goes on with
     * @param parked how many were put to rest
     */
    private record Leftovers(List<Long> left, int parked) {}

    private Leftovers leaveOrRest(Course course, Claims claims, ClaimMark mark) {
        if (claims.isKeptOut()) {
            // Those who drain the backlog are past them by now, and find whoever waits.
            return backOff(course, List.of());
        }
        int unpaired = course.unpaired().size();
        if (claims.isMoreDue() && isMany(unpaired, claims)) {
            course.searchAhead(unpaired < MANY ? AT_ONCE : statements, () -> {});
        }
        if (claims.isMoreDue() && 2 * course.unpaired().size() < claims.count()) {
            List<Long> left = toLeave(course.unpaired(), mark.left());
            if (left.size() < course.unpaired().size()) {
                course.searchAhead(statements, () -> {});
                left = toLeave(course.unpaired(), mark.left());
            }
            return backOff(course, left);
        }
        if (claims.isSharing() && course.unpaired().size() <= FEW_MAX) {
            return backOff(course, List.of());
        }
        return new Leftovers(List.of(), course.park());
    }

    private static Leftovers backOff(Course course, List<Long> left) {
        course.backOff(left);
        return new Leftovers(left, 0);
    }

    /**
     * The tasks that are to stay as they are: where few are left over, and much else is fresh, the
     * worker's next round may go on with them, which costs less than putting each to rest. But only
     * once: what nobody sees but this worker would never meet what another one keeps to itself.
     */
    private List<Long> toLeave(List<Member> unpaired, List<Long> leftBefore) {
        Set<Long> before = Set.copyOf(leftBefore);
        return unpaired.stream()
                .map(Member::id)
                .filter(id -> !before.contains(id))
                .limit(bounds.stepMax())
                .toList();
    }
}
