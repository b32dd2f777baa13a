package io.pgmatch.matching;

import io.pgmatch.rule.JavaConditions;
import io.pgmatch.rule.Rule;
import io.pgmatch.rule.RuleException;
import io.pgmatch.rule.RuleLanguage;
import io.pgmatch.store.Database;
import io.pgmatch.store.DeriveTasks;
import io.pgmatch.store.DeriveTasks.InForce;
import io.pgmatch.store.DeriveTasks.Outdated;
import io.pgmatch.store.DeriveTasks.Refused;
import io.pgmatch.store.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Brings waiting tasks under a pool's new rule, a bounded step at a time: those that its declaration
 * refuses are retired, the others derived anew and made fresh, so that they are searched for again.
 * Thread-safe.
 *
 * <p>Implementation notes. A step holds the pool's lock in common with inserts, so the rule stays what
 * it is until the step commits. It skips tasks that a round holds: they stay what they are, of an older
 * version, and a later pass finds them. A round in its turn works on tasks of its own version only, so
 * none is ever put to rest by a rule that it was not derived by. docs/rules.md says what follows for users.
 */
public final class Derivation {
    /** Most tasks of a step. */
    private static final int TASKS_PER_STEP = 1_000;

    /** Attributes are checked here, never conditions, so no class is needed. */
    private static final RuleLanguage LANGUAGE = RuleLanguage.whole().with(JavaConditions.unloaded());

    private final Database database;

    /** Derivation in that database. */
    public Derivation(Database database) {
        this.database = database;
    }

    /**
     * What a step did.
     *
     * @param derived tasks derived anew
     * @param refused tasks retired because the rule refuses them
     * @param lastId where the next step goes on
     * @param isLast whether the pass has come to its end
     */
    public record Step(int derived, int refused, long lastId, boolean isLast) {
        static final Step NOTHING = new Step(0, 0, Long.MIN_VALUE, true);

        /** Whether it found tasks to work on. */
        public boolean isFruitful() {
            return derived + refused > 0;
        }
    }

    /**
     * The next step of a pass over the pool, by id. A pass that comes to its end notes whether all is
     * done.
     *
     * @param afterId where the step before left off; {@link Long#MIN_VALUE} at the start
     */
    public Step step(String pool, long afterId) {
        try (Transaction transaction = database.begin()) {
            Optional<InForce> found = DeriveTasks.begin(transaction, pool);
            if (found.isEmpty()) {
                return Step.NOTHING;
            }
            int version = found.get().version();
            List<Outdated> tasks = DeriveTasks.next(transaction, pool, version, afterId, TASKS_PER_STEP);
            int refused = derive(transaction, pool, found.get(), tasks);
            boolean isLast = tasks.size() < TASKS_PER_STEP;
            if (isLast) {
                DeriveTasks.finish(transaction, pool);
            }
            transaction.commit();
            long lastId =
                    tasks.isEmpty() ? afterId : tasks.get(tasks.size() - 1).id();
            return new Step(tasks.size() - refused, refused, lastId, isLast);
        }
    }

    /** Derives these tasks, if others do not hold them: a round has met them. */
    void derive(String pool, List<Long> ids) {
        try (Transaction transaction = database.begin()) {
            Optional<InForce> found = DeriveTasks.begin(transaction, pool);
            if (found.isPresent()) {
                List<Outdated> tasks =
                        DeriveTasks.these(transaction, pool, found.get().version(), ids);
                derive(transaction, pool, found.get(), tasks);
                transaction.commit();
            }
        }
    }

    private static int derive(Transaction transaction, String pool, InForce inForce, List<Outdated> tasks) {
        if (tasks.isEmpty()) {
            return 0;
        }
        Rule rule = Rules.parse(LANGUAGE, pool, inForce.rule());
        List<Long> accepted = new ArrayList<>();
        List<Refused> refused = new ArrayList<>();
        for (Outdated task : tasks) {
            try {
                rule.check(task.attributes());
                accepted.add(task.id());
            } catch (RuleException e) {
                refused.add(new Refused(task.id(), "refused: " + e.getMessage()));
            }
        }
        DeriveTasks.derive(transaction, pool, inForce.version(), accepted);
        DeriveTasks.retire(transaction, pool, refused);
        return refused.size();
    }
}
