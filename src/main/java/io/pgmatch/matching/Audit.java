package io.pgmatch.matching;

import io.pgmatch.model.Pair;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.PoolAudit;
import io.pgmatch.model.TaskNeeds;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.Rule;
import io.pgmatch.rule.RuleLanguage;
import io.pgmatch.rule.Subject;
import io.pgmatch.store.AuditRows;
import io.pgmatch.store.AuditRows.AuditedPool;
import io.pgmatch.store.AuditRows.Counts;
import io.pgmatch.store.AuditRows.CurrentRule;
import io.pgmatch.store.Database;
import io.pgmatch.store.FindRule;
import io.pgmatch.store.PlannerSettings;
import io.pgmatch.store.SearchPartners.Scope;
import io.pgmatch.store.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds a database against the contract: S1 and S2 by counting, S3 by judging every pair again under
 * the version of the rule that made it, L1 by searching on behalf of every waiting task. Reads one
 * snapshot, so it may run while others insert and match. One run at a time.
 */
public final class Audit {
    private static final int BREACHES_MAX = 100;
    private static final int TASKS_PER_READ = 1_000;

    private final Database database;
    private final RuleLanguage language;

    /** An audit of that database, whose rules name no conditions written in Java. */
    public Audit(Database database) {
        this(database, RuleLanguage.whole());
    }

    /** An audit of that database, whose rules are written in that language. */
    public Audit(Database database, RuleLanguage language) {
        this.database = database;
        this.language = language;
    }

    /** Audits every pool there ever was, or the one named. */
    public List<PoolAudit> run(@Nullable String pool) {
        List<PoolAudit> audits = new ArrayList<>();
        try (Transaction transaction = database.beginSnapshot()) {
            Instant now = AuditRows.now(transaction);
            List<AuditedPool> audited = AuditRows.pools(transaction, pool);
            for (AuditedPool each : audited) {
                audits.add(audit(transaction, each));
            }
            // Last, because only this is to be read by index.
            PlannerSettings.apply(transaction);
            audits.replaceAll(
                    audit -> audit.withLegalPairsLeft(new LegalPairs(transaction, audit.pool(), now).count(language)));
        }
        return audits;
    }

    private PoolAudit audit(Transaction transaction, AuditedPool pool) {
        Counts counts = AuditRows.counts(transaction, pool.name());
        List<String> breaches = new ArrayList<>();
        AuditRows.inTwoPlaces(transaction, pool.name(), BREACHES_MAX).forEach(line -> breaches.add("S1: " + line));
        long accounted = counts.waiting() + 2 * counts.pairs() + counts.retired();
        if (counts.inserted() != accounted) {
            breaches.add("S2: " + counts.inserted() + " tasks inserted, but " + counts.waiting()
                    + " waiting + 2 x " + counts.pairs() + " pairs + " + counts.retired() + " retired = "
                    + accounted);
        }
        judgePairs(transaction, pool.name(), breaches);
        return new PoolAudit(
                pool.name(),
                counts.inserted(),
                counts.waiting(),
                counts.pairs(),
                counts.retired(),
                List.copyOf(breaches),
                0,
                pool.paused());
    }

    private void judgePairs(Transaction transaction, String pool, List<String> breaches) {
        Map<Integer, Rule> rules = new HashMap<>();
        AuditRows.forEachPair(transaction, pool, pair -> {
            if (breaches.size() < BREACHES_MAX) {
                Rule rule = rules.computeIfAbsent(pair.ruleVersion(), version -> find(transaction, pool, version));
                if (rule == null || !isLegal(rule, pair)) {
                    breaches.add("S3: the pair " + pair.first().id() + "-"
                            + pair.second().id() + " breaks version " + pair.ruleVersion() + " of the rule");
                }
            }
        });
    }

    /** Null if there is no such version: then the pair that records it is in breach, and no other. */
    private @Nullable Rule find(Transaction transaction, String pool, int version) {
        return FindRule.find(transaction, pool, version)
                .map(json -> Rules.parse(language, pool, json))
                .orElse(null);
    }

    private static boolean isLegal(Rule rule, Pair pair) {
        try {
            Subject first = subject(rule, pair.first());
            Subject second = subject(rule, pair.second());
            return rule.accepts(first, second, pair.matchedAt()) && rule.accepts(second, first, pair.matchedAt());
        } catch (PgmatchException e) {
            return false;
        }
    }

    private static Subject subject(Rule rule, Pair.Member member) {
        return rule.subject(member.id(), member.attributes(), member.insertedAt());
    }

    /** Counts the pairs that could be made of the waiting tasks: each finds its first free partner. */
    private static final class LegalPairs {
        private final Transaction transaction;
        private final String pool;
        private final Instant now;
        private final Set<Long> paired = new HashSet<>();

        LegalPairs(Transaction transaction, String pool, Instant now) {
            this.transaction = transaction;
            this.pool = pool;
            this.now = now;
        }

        long count(RuleLanguage language) {
            CurrentRule current = AuditRows.currentRule(transaction, pool).orElse(null);
            if (current == null) {
                return 0;
            }
            Rule rule = Rules.parse(language, pool, current.json());
            long lastId = Long.MIN_VALUE;
            List<WaitingTask> tasks = read(current, lastId);
            while (!tasks.isEmpty()) {
                search(rule, current.version(), tasks);
                lastId = tasks.get(tasks.size() - 1).id();
                tasks = read(current, lastId);
            }
            return paired.size() / 2;
        }

        private List<WaitingTask> read(CurrentRule rule, long afterId) {
            return AuditRows.waiting(transaction, pool, rule.version(), afterId, TASKS_PER_READ);
        }

        private void search(Rule rule, int version, List<WaitingTask> tasks) {
            Assembly assembly = new Assembly(rule, now);
            Terms terms = new Terms(transaction, pool, rule, version, now, false);
            Search search = new Search(terms, TaskNeeds.ALL, Scope.ALL);
            List<Member> seekers = tasks.stream().map(assembly::claim).toList();
            seekers.forEach(search::openFor);
            while (!seekers.isEmpty()) {
                search.read(search.unread(seekers), (found, those) -> pairUp(assembly, found.task(), those));
                seekers = seekers.stream()
                        .filter(seeker -> !paired.contains(seeker.id()))
                        .filter(seeker -> !search.hasRead(seeker))
                        .toList();
            }
        }

        private void pairUp(Assembly assembly, WaitingTask task, List<Member> seekers) {
            if (!paired.contains(task.id())) {
                List<Member> free = seekers.stream()
                        .filter(seeker -> !paired.contains(seeker.id()))
                        .toList();
                assembly.suited(task, free).stream().findFirst().ifPresent(seeker -> {
                    paired.add(seeker.id());
                    paired.add(task.id());
                });
            }
        }
    }
}
