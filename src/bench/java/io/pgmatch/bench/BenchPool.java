package io.pgmatch.bench;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;

/** A pool of the benchmark's own. Closing it removes it and every row of it. Used by one thread. */
public final class BenchPool implements AutoCloseable {
    private static final int INSERT_ROWS_MAX = 100_000;
    private static final double SEED = 0.42;

    private final Bench bench;
    private final String name;

    BenchPool(Bench bench, String name) {
        this.bench = bench;
        this.name = name;
    }

    /** Its name, which begins with {@code bench-}. */
    public String name() {
        return name;
    }

    /**
     * Inserts tasks by plain SQL, 100,000 a statement. Random numbers are the same each time.
     *
     * @param attributes their attributes as an SQL expression of {@code n}, which counts from {@code first}
     */
    public void insert(String attributes, long first, long count) {
        bench.progress().begin("inserting", count);
        bench.sql().with(connection -> insert(connection, attributes, first, count));
    }

    /** The same from 1. */
    public void insert(String attributes, long count) {
        insert(attributes, 1, count);
    }

    /**
     * Adds copies of the oldest tasks in it, which were all searched for without success: that spares the time for
     * deriving, and parking, what has been derived and parked before. Switches triggers off for its session, so the
     * server must be the benchmark's own.
     *
     * @param oldest how many are copied, as often as it takes
     * @param count how many copies there will be
     */
    public void copyParked(int oldest, long count) {
        bench.progress().begin("copying", count);
        try (HikariDataSource session = bench.open(1)) {
            Sql sql = new Sql(session);
            sql.execute("SET session_replication_role = replica");
            for (long copied = 0; copied < count; ) {
                // What a trigger derives follows from pool and attributes, which are copied with it.
                copied += sql.execute("""
                        INSERT INTO pgmatch.tasks
                            (pool, attributes, bucket, seeks, rank, preference, rule_version, search_at)
                        SELECT pool, attributes, bucket, seeks, rank, preference, rule_version, search_at
                        FROM pgmatch.tasks WHERE pool = ? ORDER BY id LIMIT ?
                        """, name, Math.min(oldest, count - copied));
                bench.progress().at(copied);
            }
            // As the trigger would have told.
            sql.execute("INSERT INTO pgmatch.task_tally (pool, inserted) VALUES (?, ?)", name, count);
        }
    }

    /** Has matchers leave it alone. */
    public void pause() {
        bench.pgmatch().pausePool(name, true);
    }

    /** Has matchers take it up, and calls those that listen, as an insert would. */
    public void resume() {
        bench.pgmatch().pausePool(name, false);
        call();
    }

    /** Calls the matchers that listen. */
    public void call() {
        bench.sql().text("SELECT pg_notify('pgmatch', ?)", name);
    }

    /** How many tasks wait in it. */
    public long waiting() {
        return bench.sql().number("SELECT count(*) FROM pgmatch.tasks WHERE pool = ?", name);
    }

    /** How many pairs were made in it. */
    public long pairs() {
        return bench.sql().number("SELECT count(*) FROM pgmatch.matched_pairs WHERE pool = ?", name);
    }

    /** Deletes every row of it; the pool stays. */
    void clear() {
        bench.clear(this);
    }

    @Override
    public void close() {
        bench.remove(this);
    }

    private Void insert(Connection connection, String attributes, long first, long count) throws SQLException {
        Sql.execute(connection, "SELECT setseed(?)", SEED);
        long end = first + count;
        for (long from = first; from < end; from += INSERT_ROWS_MAX) {
            long to = Math.min(from + INSERT_ROWS_MAX, end) - 1;
            Sql.execute(
                    connection,
                    "INSERT INTO pgmatch.tasks (pool, attributes) SELECT ?, " + attributes
                            + " FROM generate_series(?::bigint, ?::bigint) AS n",
                    name,
                    from,
                    to);
            bench.progress().at(to - first + 1);
        }
        return null;
    }
}
