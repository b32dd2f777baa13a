package io.pgmatch.matching;

import io.pgmatch.matching.Derivation.Step;
import io.pgmatch.model.ChangedRule;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.rule.Rule;
import io.pgmatch.store.ChangeRule;
import io.pgmatch.store.Database;
import io.pgmatch.store.DeriveTasks;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** Changes the rule of a pool in which tasks wait and matchers work. Used by one thread. */
public final class RuleChange {
    /** How long tasks may be in the hands of others before the rest is left to the matchers. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final long PAUSE_MILLIS = 20;

    private final Database database;

    /** A change in that database. */
    public RuleChange(Database database) {
        this.database = database;
    }

    /**
     * Puts the rule into force and brings all waiting tasks under it. If the rule is in force already,
     * only finishes what an earlier change has left.
     *
     * @param progress hears how many tasks are done
     */
    public ChangedRule run(String pool, Rule rule, LongConsumer progress) {
        int version = ChangeRule.run(database, pool, rule.source(), rule.compiled());
        Derivation derivation = new Derivation(database);
        long derived = 0;
        long done = 0;
        long lastId = Long.MIN_VALUE;
        boolean fruitful = false;
        for (long fruitfulNanos = System.nanoTime(); ; ) {
            Step step = derivation.step(pool, lastId);
            derived += step.derived();
            done += step.derived() + step.refused();
            progress.accept(done);
            fruitful |= step.isFruitful();
            lastId = step.isLast() ? Long.MIN_VALUE : step.lastId();
            if (step.isFruitful()) {
                fruitfulNanos = System.nanoTime();
            }
            if (step.isLast() && !fruitful) {
                long left = DeriveTasks.left(database, pool);
                if (left == 0) {
                    return new ChangedRule(version, derived, ChangeRule.refusedSince(database, pool, version));
                }
                if (System.nanoTime() - fruitfulNanos > PATIENCE.toNanos()) {
                    throw new PgmatchException("pool \"" + pool + "\": version " + version
                            + " of its rule is in force, but " + left + " waiting tasks are held by others;"
                            + " matchers go on with them, or run the command again");
                }
                pause();
            }
            fruitful &= !step.isLast();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PgmatchException("interrupted; matchers go on with it, or run the command again", e);
        }
    }
}
