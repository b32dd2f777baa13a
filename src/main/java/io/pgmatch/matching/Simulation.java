package io.pgmatch.matching;

import io.pgmatch.model.Pair;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.Scenario.Arrival;
import io.pgmatch.model.SimulationResult.SimulatedPair;
import io.pgmatch.model.SimulationResult.SimulatedTask;
import io.pgmatch.rule.Rule;
import io.pgmatch.rule.RuleException;
import io.pgmatch.rule.RuleLanguage;
import io.pgmatch.rule.Subject;
import io.pgmatch.store.AuditRows;
import io.pgmatch.store.Database;
import io.pgmatch.store.PoolRows;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.SimulatedTasks;
import io.pgmatch.store.Transaction;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pool that lives by a virtual time: the rounds are those of every matcher, one task a round, and
 * between two points in time each wake-up and each expiry happens at its own. Used by one thread, on a
 * database that nobody else matches in.
 */
public final class Simulation {
    /** Where the virtual time starts: any instant would do, and this one shows that it is none of today. */
    private static final Instant START = Instant.parse("2000-01-01T00:00:00Z");

    /** Most rounds between two things that happen: each puts a task to rest, or pairs it. */
    private static final int ROUNDS_MAX = 10_000_000;

    /** Most wake-ups and expiries in a row. */
    private static final int WAKEUPS_MAX = 1_000_000;

    private final Database database;
    private final String pool;
    private final Rule rule;
    private final Round round;
    private Instant now = START;
    private long firstId = -1;

    /**
     * Creates a pool to simulate in.
     *
     * @param pool its name, which is new
     * @param ruleJson its rule
     */
    public Simulation(Database database, RuleLanguage language, String pool, String ruleJson) {
        this.database = database;
        this.pool = pool;
        this.rule = language.parse(ruleJson);
        this.round = new Round("simulation", 1, RoundSettings.defaults(), new Rules(language));
        PoolRows.create(database, pool, rule.source(), rule.compiled());
    }

    /** The time, since the start. */
    public Duration now() {
        return Duration.between(START, now);
    }

    /** Lets time pass up to and including {@code until}; returns whether all that was to happen by then did. */
    public boolean advance(Duration until) {
        Instant end = START.plus(until);
        for (int wakeups = 0; wakeups < WAKEUPS_MAX; wakeups++) {
            Optional<Instant> next = SimulatedTasks.next(database, pool).filter(instant -> !instant.isAfter(end));
            if (next.isEmpty()) {
                now = end;
                return true;
            }
            now = next.get().isAfter(now) ? next.get() : now;
            SimulatedTasks.expire(database, pool, now);
            comeToRest();
        }
        return false;
    }

    /** When something next happens by itself, since the start; empty if nothing does. */
    public Optional<Duration> next() {
        return SimulatedTasks.next(database, pool).map(instant -> Duration.between(START, instant));
    }

    /**
     * Has a task arrive now, and matching come to rest.
     *
     * @throws PgmatchException if the task is refused
     */
    public void add(Arrival task) {
        long id = SimulatedTasks.insert(database, pool, task, now);
        if (firstId < 0) {
            firstId = id;
        }
        comeToRest();
    }

    /** Takes a task back now; false if none of that ref waits. */
    public boolean cancel(String ref) {
        return SimulatedTasks.cancel(database, pool, ref);
    }

    /**
     * The pairs so far, in the order in which they were made.
     *
     * @param gaps the rule by which to measure their gaps
     */
    public List<SimulatedPair> pairs(Rule gaps) {
        List<Pair> rows = new ArrayList<>();
        try (Transaction transaction = database.beginSnapshot()) {
            AuditRows.forEachPair(transaction, pool, rows::add);
        }
        return rows.stream()
                .sorted(Comparator.comparing(Pair::matchedAt)
                        .thenComparing(pair -> pair.second().id()))
                .map(pair -> pair(pair, gaps))
                .toList();
    }

    /** Who waits, the oldest first. */
    public List<SimulatedTask> waiting() {
        return SimulatedTasks.waiting(database, pool).stream()
                .map(task -> task(task.id(), task.ref(), task.insertedAt()))
                .toList();
    }

    /** How many of those who wait would be searched for again later. */
    public long asleep() {
        return SimulatedTasks.waiting(database, pool).stream()
                .filter(SimulatedTasks.Waiting::asleep)
                .count();
    }

    /** How many left without a partner. */
    public long retired() {
        try (Transaction transaction = database.beginSnapshot()) {
            return AuditRows.counts(transaction, pool).retired();
        }
    }

    /** The rule. */
    public Rule rule() {
        return rule;
    }

    private void comeToRest() {
        for (int rounds = 0; rounds < ROUNDS_MAX; rounds++) {
            try (Transaction transaction = database.begin()) {
                if (round.run(transaction, pool, new ClaimMark(new ClaimFront()), now)
                                .claimed()
                        == 0) {
                    return;
                }
            }
        }
        throw new PgmatchException("the simulation does not come to rest at " + now());
    }

    private SimulatedPair pair(Pair pair, Rule gaps) {
        return new SimulatedPair(
                task(pair.first()), task(pair.second()), Duration.between(START, pair.matchedAt()), gap(pair, gaps));
    }

    private static @Nullable BigDecimal gap(Pair pair, Rule gaps) {
        try {
            return gaps.gap(subject(gaps, pair.first()), subject(gaps, pair.second()));
        } catch (RuleException e) {
            // The tasks are of another rule, by whose gaps they cannot be measured.
            return null;
        }
    }

    private static Subject subject(Rule rule, Pair.Member member) {
        return rule.subject(member.id(), member.attributes(), member.insertedAt());
    }

    private SimulatedTask task(Pair.Member member) {
        return task(member.id(), member.ref(), member.insertedAt());
    }

    private SimulatedTask task(long id, @Nullable String ref, Instant insertedAt) {
        return new SimulatedTask(ref != null ? ref : "#" + (id - firstId + 1), Duration.between(START, insertedAt));
    }
}
