package io.pgmatch.matching;

import io.pgmatch.model.JudgedCondition;
import io.pgmatch.model.JudgedCondition.Direction;
import io.pgmatch.model.PairExplanation;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.SearchPlan.PlacedCondition;
import io.pgmatch.model.Task;
import io.pgmatch.model.TaskExplanation;
import io.pgmatch.model.TaskExplanation.TurnedAway;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.Explanation;
import io.pgmatch.rule.Rule;
import io.pgmatch.rule.RuleException;
import io.pgmatch.rule.RuleLanguage;
import io.pgmatch.rule.Subject;
import io.pgmatch.rule.Verdict;
import io.pgmatch.store.AuditRows;
import io.pgmatch.store.AuditRows.CurrentRule;
import io.pgmatch.store.Database;
import io.pgmatch.store.FindTask;
import io.pgmatch.store.PoolRows;
import io.pgmatch.store.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says why tasks may be paired, or may not. Reads one snapshot. Thread-safe. */
public final class Explaining {
    /** Most waiting tasks that are held against one. */
    private static final int READ_MAX = 20_000;

    private static final int TASKS_PER_READ = 1_000;
    private static final Pattern ID = Pattern.compile("[0-9]{1,18}");

    private final Database database;
    private final RuleLanguage language;

    /** Explanations of that database, whose rules are written in that language. */
    public Explaining(Database database, RuleLanguage language) {
        this.database = database;
        this.language = language;
    }

    /**
     * Explains two waiting tasks, each named by its id, or by its ref if the pool is given.
     *
     * @param pool the pool they wait in, or null if that is not known
     */
    public PairExplanation explain(@Nullable String pool, String oneName, String otherName) {
        try (Transaction transaction = database.beginSnapshot()) {
            Task one = find(transaction, pool, oneName);
            Task other = find(transaction, pool, otherName);
            if (!one.pool().equals(other.pool())) {
                throw new PgmatchException("wanted two tasks of one pool, got " + one.id() + " of pool \"" + one.pool()
                        + "\" and " + other.id() + " of pool \"" + other.pool() + "\", which never meet");
            }
            if (one.id() == other.id()) {
                throw new PgmatchException("wanted two tasks, got task " + one.id() + " twice");
            }
            Rule rule = rule(transaction, one.pool());
            return explanation(one, other, judge(rule, one, other, AuditRows.now(transaction)));
        }
    }

    /** Explains why a task waits, named by its id, or by its ref if the pool is given. */
    public TaskExplanation explain(@Nullable String pool, String name) {
        try (Transaction transaction = database.beginSnapshot()) {
            Task task = find(transaction, pool, name);
            CurrentRule current =
                    AuditRows.currentRule(transaction, task.pool()).orElseThrow(() -> PoolRows.unknown(task.pool()));
            Rule rule = Rules.parse(language, task.pool(), current.json());
            Comparison comparison = new Comparison(rule, task, AuditRows.now(transaction));
            long read = 0;
            List<WaitingTask> page =
                    AuditRows.waiting(transaction, task.pool(), current.version(), Long.MIN_VALUE, TASKS_PER_READ);
            while (!page.isEmpty() && read < READ_MAX) {
                page.forEach(comparison::compare);
                read += page.size();
                long lastId = page.get(page.size() - 1).id();
                page = AuditRows.waiting(transaction, task.pool(), current.version(), lastId, TASKS_PER_READ);
            }
            return comparison.result(transaction, !page.isEmpty());
        }
    }

    /** One task held against all others. */
    private static final class Comparison {
        private final Rule rule;
        private final Task task;
        private final Subject subject;
        private final Instant now;
        private final Map<PlacedCondition, long[]> counts = new LinkedHashMap<>();
        private long compared;
        private long legal;
        private long nearestId;
        private int nearestMisses = Integer.MAX_VALUE;

        Comparison(Rule rule, Task task, Instant now) {
            this.rule = rule;
            this.task = task;
            this.subject = subject(rule, task);
            this.now = now;
        }

        void compare(WaitingTask other) {
            if (other.id() == task.id()) {
                return;
            }
            compared++;
            Verdict verdict;
            try {
                verdict = rule.explain(subject, rule.subject(other.id(), other.attributes(), other.insertedAt()), now);
            } catch (RuleException e) {
                // It was let in by an earlier rule, and is about to be derived by this one, or retired.
                return;
            }
            List<PlacedCondition> failed = new ArrayList<>();
            for (int i = 0; i < verdict.forward().size(); i++) {
                Explanation forward = verdict.forward().get(i);
                PlacedCondition place = new PlacedCondition(forward.place(), forward.condition());
                counts.computeIfAbsent(place, key -> new long[2]);
                if (!forward.holds() || !verdict.backward().get(i).holds()) {
                    failed.add(place);
                }
            }
            for (PlacedCondition place : failed) {
                long[] count = counts.computeIfAbsent(place, key -> new long[2]);
                count[0]++;
                count[1] += failed.size() == 1 ? 1 : 0;
            }
            if (verdict.accepted()) {
                legal++;
            } else if (failed.size() < nearestMisses) {
                nearestMisses = failed.size();
                nearestId = other.id();
            }
        }

        TaskExplanation result(Transaction transaction, boolean cut) {
            List<TurnedAway> turnedAway = new ArrayList<>();
            counts.forEach((place, count) -> turnedAway.add(new TurnedAway(place, count[0], count[1])));
            return new TaskExplanation(task, compared, cut, legal, turnedAway, nearest(transaction));
        }

        private @Nullable PairExplanation nearest(Transaction transaction) {
            if (legal > 0 || nearestMisses == Integer.MAX_VALUE) {
                return null;
            }
            return FindTask.byId(transaction, task.pool(), nearestId)
                    .map(other -> explanation(task, other, judge(rule, task, other, now)))
                    .orElse(null);
        }
    }

    private record Judged(Verdict verdict, Instant now) {}

    private static Judged judge(Rule rule, Task one, Task other, Instant now) {
        return new Judged(rule.explain(subject(rule, one), subject(rule, other), now), now);
    }

    private static PairExplanation explanation(Task one, Task other, Judged judged) {
        List<JudgedCondition> conditions = new ArrayList<>();
        Verdict verdict = judged.verdict();
        Direction forth = new Direction(one.id(), other.id());
        Direction back = new Direction(other.id(), one.id());
        verdict.forward().forEach(each -> flatten(each, forth, 0, conditions));
        verdict.backward().forEach(each -> flatten(each, back, 0, conditions));
        return new PairExplanation(
                one, other, verdict.accepted(), judged.now(), finite(verdict.changesAt()), conditions);
    }

    private static void flatten(Explanation each, Direction direction, int depth, List<JudgedCondition> sink) {
        sink.add(new JudgedCondition(
                direction,
                depth,
                new PlacedCondition(each.place(), each.condition()),
                each.compared(),
                each.holds(),
                finite(each.changesAt())));
        each.parts().forEach(part -> flatten(part, direction, depth + 1, sink));
    }

    private static @Nullable Instant finite(Instant instant) {
        return instant.equals(Instant.MAX) ? null : instant;
    }

    private static Subject subject(Rule rule, Task task) {
        try {
            return rule.subject(task.id(), task.attributes(), task.insertedAt());
        } catch (RuleException e) {
            throw new PgmatchException(
                    "task " + task.id() + ": the rule of its pool cannot read it: " + e.getMessage(), e);
        }
    }

    private Rule rule(Transaction transaction, String pool) {
        return AuditRows.currentRule(transaction, pool)
                .map(current -> Rules.parse(language, pool, current.json()))
                .orElseThrow(() -> PoolRows.unknown(pool));
    }

    private static Task find(Transaction transaction, @Nullable String pool, String name) {
        Optional<Task> found = pool == null ? Optional.empty() : FindTask.byRef(transaction, pool, name);
        if (found.isEmpty() && ID.matcher(name).matches()) {
            found = FindTask.byId(transaction, pool, Long.parseLong(name));
        }
        if (found.isPresent()) {
            return found.get();
        }
        if (pool != null) {
            throw new PgmatchException("pool \"" + pool + "\": wanted the id or the ref of a waiting task, got \""
                    + name + "\", which is none");
        }
        throw new PgmatchException(
                ID.matcher(name).matches()
                        ? "task " + name + ": wanted one that waits, got none of that id; pgmatch pair-of tells"
                                + " whether it was paired"
                        : "wanted the id of a waiting task, got \"" + name + "\"; a ref needs --pool");
    }
}
