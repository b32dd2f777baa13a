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

    private BacklogPermits() {}

    /**
     * Takes one until the end of the transaction, if it can be had; whether it could.
     *
     * @param max how many there are for whoever asks: the first so many of all
     */
    public static boolean take(Transaction transaction, String pool, int max) {
        boolean[] taken = {false};
        STATEMENT.query(transaction, row -> taken[0] = true, max, "pgmatch backlog of " + pool);
        return taken[0];
    }
}
