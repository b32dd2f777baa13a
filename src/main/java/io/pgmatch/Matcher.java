package io.pgmatch;

import io.pgmatch.matching.JavaFailures;
import io.pgmatch.matching.Matching;
import io.pgmatch.matching.Rules;
import io.pgmatch.model.MatcherCounts;
import io.pgmatch.model.Pool;
import io.pgmatch.rule.RuleLanguage;
import io.pgmatch.store.Database;
import io.pgmatch.store.PoolRows;
import io.pgmatch.store.Schema;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Pairs the waiting tasks of a database, in threads of its own, until it is closed. Any number of
 * matchers, in any number of processes, work on one database.
 *
 * <pre>{@code
 * try (Matcher matcher = Matcher.builder(dataSource).workers(2).build()) {
 *     matcher.start();
 *     …
 * }
 * }</pre>
 *
 * <p>A database that is away is waited for: the matcher goes on when it is back. Thread-safe.
 */
public final class Matcher implements AutoCloseable {
    private final Database database;
    private final MatcherConfig config;
    private final RuleLanguage language;
    private final Matching matching;
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    private final CountDownLatch closed = new CountDownLatch(1);

    private enum State {
        NEW,
        STARTING,
        RUNNING,
        CLOSED
    }

    private Matcher(Database database, MatcherConfig config, @Nullable ClassLoader classLoader) {
        this.database = database;
        this.config = config;
        this.language = JavaFailures.language(classLoader, () -> {});
        this.matching = new Matching(
                database,
                new Matching.Plan(
                        config.name(),
                        config.pools(),
                        config.workers(),
                        config.claimBatchMax(),
                        config.backlogRoundsMax(),
                        config.listen()),
                classLoader);
    }

    /**
     * A matcher with one worker, over all pools.
     *
     * @param dataSource where connections come from, in autocommit mode; as many as
     *     {@link MatcherConfig#connections} at a time
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    /**
     * Starts matching; returns at once. Does nothing if it runs already.
     *
     * @throws io.pgmatch.model.PgmatchException if the database cannot be reached, if its schema is not the
     *     one this build was made for, or if a named pool does not exist or has a rule that cannot be used
     * @throws IllegalStateException if it was closed
     */
    public void start() {
        if (state.get() == State.NEW) {
            new Schema(database).require();
            requirePools();
        }
        if (state.compareAndSet(State.NEW, State.STARTING)) {
            matching.start();
            if (!state.compareAndSet(State.STARTING, State.RUNNING)) {
                // Closed meanwhile, by a thread that left the stopping to this one.
                stop();
            }
        } else if (state.get() == State.CLOSED) {
            throw new IllegalStateException("matcher " + config.name() + " was closed");
        }
    }

    /**
     * Waits until no pair is left to make of what was committed before the call: nothing is due in its
     * pools, nor about to be after a short back-off. Returns, too, when the matcher is closed.
     *
     * @throws io.pgmatch.model.PgmatchException if it has stopped by itself, see {@link #requireAlive}
     */
    public void awaitDrained() throws InterruptedException {
        matching.awaitDrained();
    }

    /**
     * Throws a {@link io.pgmatch.model.PgmatchException} if the matcher has stopped by itself, because one
     * of its threads died of an error such as memory that ran out.
     */
    public void requireAlive() {
        matching.requireAlive();
    }

    /** What it has done since it started. */
    public MatcherCounts counts() {
        return matching.counts();
    }

    /** Its settings. */
    public MatcherConfig config() {
        return config;
    }

    /**
     * Stops: nothing more is claimed; rounds in hand finish, or after the grace roll back. Returns when
     * its threads have ended, at most a little after the grace. May be called again, before the start, and
     * by several threads: each returns when it is closed.
     */
    @Override
    public void close() {
        State before = state.getAndSet(State.CLOSED);
        if (before == State.CLOSED || before == State.STARTING) {
            awaitClosed();
        } else {
            stop();
        }
    }

    private void stop() {
        try {
            matching.stop(config.grace());
        } finally {
            closed.countDown();
        }
    }

    private void awaitClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void requirePools() {
        Set<String> pools = config.pools();
        if (pools != null) {
            for (String pool : pools) {
                Pool found = PoolRows.find(database, pool).orElseThrow(() -> PoolRows.unknown(pool));
                Rules.parse(language, pool, found.rule());
            }
        }
    }

    /** Collects the settings of a matcher. Not thread-safe. */
    public static final class Builder {
        private final DataSource dataSource;
        private String name = defaultName();
        private @Nullable Set<String> pools;
        private int workers = 1;
        private int claimBatchMax = MatcherConfig.CLAIM_BATCH_DEFAULT;
        private int backlogRoundsMax = MatcherConfig.backlogRoundsDefault();
        private Duration grace = MatcherConfig.GRACE_DEFAULT;
        private boolean listen = true;
        private @Nullable ClassLoader classLoader;

        private Builder(DataSource dataSource) {
            this.dataSource = dataSource;
        }

        /** What to record with each pair; by default host:process. */
        public Builder name(String name) {
            this.name = name;
            return this;
        }

        /** The pools to work in; by default all, also those created later. */
        public Builder pools(Collection<String> pools) {
            this.pools = Set.copyOf(pools);
            return this;
        }

        /** Threads, with a connection each. */
        public Builder workers(int workers) {
            this.workers = workers;
            return this;
        }

        /** Most tasks that a round claims. */
        public Builder batch(int claimBatchMax) {
            this.claimBatchMax = claimBatchMax;
            return this;
        }

        /**
         * Most rounds at once, of all matchers, that drain the backlog of a pool; by default as many as this machine has
         * cores, and two at least. To be the same for all: those with a higher number go on where others stand by.
         */
        public Builder backlogRounds(int backlogRoundsMax) {
            this.backlogRoundsMax = backlogRoundsMax;
            return this;
        }

        /** How long rounds may take to finish when the matcher closes. */
        public Builder grace(Duration grace) {
            this.grace = grace;
            return this;
        }

        /** Whether to be called by NOTIFY when idle; by default yes. */
        public Builder listen(boolean listen) {
            this.listen = listen;
            return this;
        }

        /**
         * Where to find the classes that rules name as {@code {"java": "com.acme.MyCondition"}}; by
         * default nowhere, and pools with such rules are left alone.
         */
        public Builder classLoader(ClassLoader classLoader) {
            this.classLoader = classLoader;
            return this;
        }

        /** The matcher, not started. */
        public Matcher build() {
            return new Matcher(
                    new Database(dataSource),
                    new MatcherConfig(name, pools, workers, claimBatchMax, backlogRoundsMax, grace, listen),
                    classLoader);
        }

        private static String defaultName() {
            return hostName() + ":" + ProcessHandle.current().pid();
        }

        private static String hostName() {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                return "localhost";
            }
        }
    }
}
