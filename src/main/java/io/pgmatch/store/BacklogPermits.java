package io.pgmatch.store;

/**
 * Permits to drain the backlog of a pool: a counting semaphore (Dijkstra, Cooperating Sequential Processes, 1965) of
 * advisory locks, which whoever holds them gives back when the transaction ends, however it does. Nobody waits for one.
 */
public final class BacklogPermits {
    static final RoundStatement STATEMENT = new RoundStatement("""
            SELECT p.number
            FROM generate_series(1, ?::integer) AS p (number)
            WHERE pg_try_advisory_xact_lock(hashtextextended(?, 0) # p.number)
            LIMIT 1
            """);

    /**
     * A condition: whether all are taken. Takes two parameters, how many there are, and {@link #key}. If there are none it
     * is false. Each that can be had is shared for a moment.
     */
    static final String ARE_TAKEN = """
            coalesce((
                SELECT bool_and(NOT CASE WHEN pg_try_advisory_lock_shared(p.permit)
                                         THEN pg_advisory_unlock_shared(p.permit) ELSE false END)
                FROM (
                    SELECT hashtextextended(k.key, 0) # number AS permit
                    FROM (SELECT ?::integer, ?::text) AS k (max, key)
                    CROSS JOIN generate_series(1, k.max) AS number) AS p), false)""";

    private BacklogPermits() {}

    /**
     * Takes one until the end of the transaction, if it can be had; whether it could.
     *
     * @param max how many there are for whoever asks: the first so many of all
     */
    public static boolean take(Transaction transaction, String pool, int max) {
        boolean[] taken = {false};
        STATEMENT.query(transaction, row -> taken[0] = true, max, key(pool));
        return taken[0];
    }

    /** What the keys of a pool's permits are hashes of. */
    static String key(String pool) {
        return "pgmatch backlog of " + pool;
    }
}
