package io.pgmatch.bench;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.MatcherConfig;
import io.pgmatch.Pgmatch;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.PoolAudit;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import javax.sql.DataSource;

/**
 * What scenarios work with: a database, pools in it, matchers. It touches nothing but pools of its own, whose
 * names begin with {@code bench-}, and a schema {@code pgmatch_bench}, and takes them away again. Used by one thread, but for {@link #close}.
 */
public final class Bench implements AutoCloseable {
    private static final int CONNECTIONS = 24;
    private static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final List<String> TABLES =
            List.of("tasks", "matched_pairs", "retired_tasks", "insert_batches", "task_tally");

    private final IntFunction<HikariDataSource> opening;
    private final Map<String, String> matcherEnvironment;
    private final boolean ownServer;
    private final Progress progress;
    private final HikariDataSource source;
    private final Sql sql;
    private final Pgmatch pgmatch;
    private final Set<BenchPool> pools = new LinkedHashSet<>();
    private int poolCount;

    /**
     * A workbench on a database that has the schema of this build.
     *
     * @param opening opens so many connections to it, on which a statement may take an hour
     * @param matcherEnvironment the environment variables that name it to a process of pgmatch
     * @param ownServer whether the server is there for the benchmark alone
     */
    public Bench(
            IntFunction<HikariDataSource> opening,
            Map<String, String> matcherEnvironment,
            boolean ownServer,
            Progress progress) {
        this.opening = opening;
        this.matcherEnvironment = Map.copyOf(matcherEnvironment);
        this.ownServer = ownServer;
        this.progress = progress;
        this.source = opening.apply(CONNECTIONS);
        this.sql = new Sql(source);
        this.pgmatch = Pgmatch.on(source);
    }

    /** Settings of a matcher in this process: throws as it does if they are out of bounds. */
    static MatcherConfig settings(int workers, int batch) {
        return new MatcherConfig(
                "bench", null, workers, batch, MatcherConfig.backlogRoundsDefault(), MatcherConfig.GRACE_DEFAULT, true);
    }

    /** Pooled connections, 24 at most. */
    public DataSource dataSource() {
        return source;
    }

    /** Opens connections apart from those, for a matcher for instance; they are the caller's to close. */
    public HikariDataSource open(int connections) {
        return opening.apply(connections);
    }

    /** Plain statements. */
    public Sql sql() {
        return sql;
    }

    /** The database as programs see it. */
    public Pgmatch pgmatch() {
        return pgmatch;
    }

    /** Where to tell how far things are. */
    public Progress progress() {
        return progress;
    }

    /** Whether the server is there for the benchmark alone. */
    public boolean hasOwnServer() {
        return ownServer;
    }

    /**
     * Creates a pool, {@code bench-NAME-} and something that nobody else has.
     *
     * @param rule its rule as JSON
     */
    public BenchPool createPool(String name, String rule) {
        String unique = Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX) + "-" + ++poolCount;
        BenchPool pool = new BenchPool(this, "bench-" + name + "-" + unique);
        pgmatch.createPool(pool.name(), rule);
        synchronized (pools) {
            pools.add(pool);
        }
        return pool;
    }

    /**
     * Starts a process of pgmatch, as {@code pgmatch run} for instance, on the same database.
     *
     * @param javaOptions options of its Java
     * @param arguments command and options, without {@code --url}
     */
    public MatcherProcess start(List<String> javaOptions, List<String> arguments) {
        return MatcherProcess.start(matcherEnvironment, javaOptions, arguments);
    }

    /** Before what is timed: vacuums, analyses, and has a checkpoint behind it. */
    public void settle() {
        sql.execute("VACUUM (ANALYZE) pgmatch.tasks");
        sql.execute("VACUUM (ANALYZE) pgmatch.matched_pairs");
        sql.with(connection -> {
            try {
                Sql.execute(connection, "CHECKPOINT");
            } catch (SQLException e) {
                // Somebody else's server, on which we may not: one may then come in between.
                if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                    throw e;
                }
            }
            return null;
        });
    }

    /**
     * Holds a pool against the contract; for a drained one.
     *
     * @param inserted how many tasks were inserted
     * @return how many pairs were made
     * @throws PgmatchException if the result is wrong
     */
    public long requireDrained(BenchPool pool, long inserted) {
        PoolAudit audit = pgmatch.audit(pool.name()).get(0);
        if (!audit.isSafe() || !audit.isAtRest() || audit.inserted() != inserted) {
            throw new PgmatchException("the audit does not hold: " + audit);
        }
        return audit.pairs();
    }

    /** Removes the pools that are left, and closes the connections. Later calls do nothing. */
    @Override
    public void close() {
        if (source.isClosed()) {
            return;
        }
        try (source) {
            List<BenchPool> left;
            synchronized (pools) {
                left = List.copyOf(pools);
            }
            left.forEach(this::remove);
        }
    }

    void remove(BenchPool pool) {
        boolean last;
        synchronized (pools) {
            if (!pools.remove(pool)) {
                return;
            }
            last = pools.isEmpty();
        }
        deleteTasks(pool, last);
        pgmatch.dropPool(pool.name(), true);
        deleteTraces(pool);
        delete(pool, "pool_rules");
    }

    /** Deletes every row of a pool; on the benchmark's own server of every pool, so only one may be in use. */
    void clear(BenchPool pool) {
        deleteTasks(pool, true);
        deleteTraces(pool);
    }

    private void deleteTasks(BenchPool pool, boolean last) {
        if (last && ownServer) {
            // Every round begins with the same empty files.
            sql.execute("TRUNCATE pgmatch.tasks, pgmatch.matched_pairs, pgmatch.retired_tasks, pgmatch.insert_batches,"
                    + " pgmatch.task_tally");
        }
        delete(pool, "tasks");
    }

    private void deleteTraces(BenchPool pool) {
        TABLES.forEach(table -> delete(pool, table));
    }

    private void delete(BenchPool pool, String table) {
        sql.execute("DELETE FROM pgmatch." + table + " WHERE pool = ?", pool.name());
    }
}
