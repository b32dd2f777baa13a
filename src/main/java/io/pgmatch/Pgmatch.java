package io.pgmatch;

import io.pgmatch.matching.Audit;
import io.pgmatch.matching.Explaining;
import io.pgmatch.matching.JavaFailures;
import io.pgmatch.matching.RuleChange;
import io.pgmatch.model.CancelAnswer;
import io.pgmatch.model.ChangedRule;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.Pair;
import io.pgmatch.model.PendingMigration;
import io.pgmatch.model.PairExplanation;
import io.pgmatch.model.Pool;
import io.pgmatch.model.PoolAudit;
import io.pgmatch.model.PoolStatus;
import io.pgmatch.model.SearchPlan;
import io.pgmatch.model.Task;
import io.pgmatch.model.TaskExplanation;
import io.pgmatch.rule.JavaConditions;
import io.pgmatch.rule.Rule;
import io.pgmatch.rule.RuleLanguage;
import io.pgmatch.store.CancelTask;
import io.pgmatch.store.Database;
import io.pgmatch.store.FollowPairs;
import io.pgmatch.store.InsertTask;
import io.pgmatch.store.PairRows;
import io.pgmatch.store.PoolRows;
import io.pgmatch.store.PoolStatuses;
import io.pgmatch.store.Schema;
import io.pgmatch.store.TaskList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A database that pgmatch works on: its schema, pools, tasks and pairs. What pairs the tasks is a {@link
 * Matcher}. Every method throws {@link io.pgmatch.model.PgmatchException}, with one line that says what was
 * wanted and what came. Thread-safe.
 */
public final class Pgmatch {
    private final Database database;
    private final Schema schema;
    private final RuleLanguage language;

    private Pgmatch(Database database, RuleLanguage language) {
        this.database = database;
        this.schema = new Schema(database);
        this.language = language;
    }

    /** The database that {@code dataSource} connects to, in autocommit mode. */
    public static Pgmatch on(DataSource dataSource) {
        return new Pgmatch(new Database(dataSource), RuleLanguage.whole());
    }

    /**
     * The same database, for rules that name conditions written in Java.
     *
     * @param classLoader where those classes are; null for nowhere
     */
    public Pgmatch withClassLoader(@Nullable ClassLoader classLoader) {
        return new Pgmatch(database, language(classLoader));
    }

    /** Brings the schema up to date; returns the names of the migrations that were applied. */
    public List<String> migrate() {
        return schema.migrate();
    }

    /** The SQL of the migrations that have not been applied. */
    public List<PendingMigration> pendingMigrations() {
        return schema.pending();
    }

    /** The version of the schema, 0 if there is none. */
    public int schemaVersion() {
        return schema.version();
    }

    /** Throws unless the schema is the one that this build was made for. */
    public void requireSchema() {
        schema.require();
    }

    /** Throws unless the JSON is a rule; the message names the place, what was wanted and what came. */
    public static void checkRule(String ruleJson) {
        Rule.parse(ruleJson);
    }

    /**
     * The same for a rule that may name conditions written in Java; says how partners are searched for.
     *
     * @param classLoader where those classes are; null for nowhere
     */
    public static SearchPlan checkRule(String ruleJson, @Nullable ClassLoader classLoader) {
        return language(classLoader).parse(ruleJson).searchPlan();
    }

    /** How partners are searched for under a rule that some pool has; loads no classes. */
    public static SearchPlan searchPlan(String ruleJson) {
        return RuleLanguage.whole()
                .with(JavaConditions.unloaded())
                .parse(ruleJson)
                .searchPlan();
    }

    /**
     * Creates a pool.
     *
     * @param name 1 to 100 of the letters A-Z and a-z, digits, and {@code _ . : / -}
     * @param ruleJson its rule; {@code {"match": []}} lets any two tasks meet
     */
    public void createPool(String name, String ruleJson) {
        Rule rule = language.parse(ruleJson);
        PoolRows.create(database, name, rule.source(), rule.compiled());
    }

    /**
     * Changes a pool's rule while tasks wait in it and matchers work. The new rule is in force at once;
     * then the waiting tasks are derived by it and searched for again, in steps, and those that it refuses
     * retired with the reason. What is left undone, because the program is killed for instance, any
     * matcher finishes, and so does another call.
     *
     * @param ruleJson the rule; if it is the one in force, only what is left undone is finished
     * @param progress hears how many waiting tasks are done
     */
    public ChangedRule changeRule(String name, String ruleJson, LongConsumer progress) {
        return new RuleChange(database).run(name, language.parse(ruleJson), progress);
    }

    /** All pools, by name. */
    public List<Pool> pools() {
        return PoolRows.list(database);
    }

    /** One pool; an error if there is none of that name. */
    public Pool pool(String name) {
        return PoolRows.find(database, name).orElseThrow(() -> PoolRows.unknown(name));
    }

    /** Has matchers leave a pool alone, or take it up again. A round in hand still finishes. */
    public void pausePool(String name, boolean paused) {
        if (!PoolRows.pause(database, name, paused)) {
            throw PoolRows.unknown(name);
        }
    }

    /**
     * Drops a pool; its pairs and retired tasks stay. Refuses while tasks wait in it.
     *
     * @param retire whether to retire the waiting tasks instead of refusing
     * @return how many tasks were retired
     */
    public long dropPool(String name, boolean retire) {
        return PoolRows.drop(database, name, retire);
    }

    /** Inserts one task; returns its id. */
    public long add(NewTask task) {
        return InsertTask.run(database, task);
    }

    /** Waiting tasks, the lowest id first, of one pool or of all. */
    public List<Task> tasks(@Nullable String pool, int limit) {
        requirePool(pool);
        return TaskList.run(database, pool, limit);
    }

    /**
     * Why two waiting tasks may be paired, or may not.
     *
     * @param pool the pool they wait in, or null if that is not known
     * @param one the id of a task, or its ref if the pool is given
     * @param other another one
     */
    public PairExplanation explain(@Nullable String pool, String one, String other) {
        requirePool(pool);
        return new Explaining(database, language).explain(pool, one, other);
    }

    /** Why a waiting task waits; holds it against the others, twenty thousand at most. */
    public TaskExplanation explain(@Nullable String pool, String task) {
        requirePool(pool);
        return new Explaining(database, language).explain(pool, task);
    }

    /**
     * Takes a waiting task back; waits for a round that holds it.
     *
     * @param pool the pool it is in, or null if that is not known
     */
    public CancelAnswer cancel(@Nullable String pool, long taskId) {
        requirePool(pool);
        return CancelTask.run(database, pool, taskId);
    }

    /** The newest pairs of one pool or of all, newest last. */
    public List<Pair> pairs(@Nullable String pool, int limit) {
        requirePool(pool);
        return PairRows.newest(database, pool, limit);
    }

    /** The pair that a task is in. */
    public Optional<Pair> pairOf(long taskId) {
        return PairRows.of(database, taskId);
    }

    /** Follows the pairs of one pool or of all. */
    public PairFollower followPairs(@Nullable String pool) {
        requirePool(pool);
        FollowPairs follow = new FollowPairs(database, pool);
        return new PairFollower() {
            @Override
            public void skipTo(int newest, Consumer<Pair> sink) {
                follow.skipTo(newest, sink);
            }

            @Override
            public long poll(Consumer<Pair> sink) {
                return follow.poll(sink);
            }
        };
    }

    /** How each pool stands, or the one named. */
    public List<PoolStatus> status(@Nullable String pool) {
        requirePool(pool);
        return PoolStatuses.run(database, pool);
    }

    /** Holds every pool there ever was, or the one named, against the contract. */
    public List<PoolAudit> audit(@Nullable String pool) {
        List<PoolAudit> audits = new Audit(database, language).run(pool);
        if (pool != null && audits.isEmpty()) {
            throw PoolRows.unknown(pool);
        }
        return audits;
    }

    private static RuleLanguage language(@Nullable ClassLoader classLoader) {
        return JavaFailures.language(classLoader, () -> {});
    }

    private void requirePool(@Nullable String pool) {
        if (pool != null && PoolRows.find(database, pool).isEmpty()) {
            throw PoolRows.unknown(pool);
        }
    }

    /** Hands over pairs as they are committed, each exactly once. For one thread. */
    public interface PairFollower {
        /** Starts with the newest pairs instead of the first ever; hands them over, newest last. */
        void skipTo(int newest, Consumer<Pair> sink);

        /**
         * Hands over what was committed since the last call, in commit order; returns how many. After an
         * error the next call goes on where this one ended.
         */
        long poll(Consumer<Pair> sink);
    }
}
