package io.pgmatch.store;

/**
 * Which rounds claim in a pool at the moment: each says so by an advisory lock that all may hold, until its
 * transaction ends. What they learn of it decides where they claim, never what is right: another program that
 * uses the same keys costs them time.
 */
public final class Claimants {
    static final RoundStatement STATEMENT = new RoundStatement("""
            SELECT pg_try_advisory_xact_lock_shared(?::integer, ?::integer),
                   EXISTS (
                       SELECT FROM pg_locks AS l
                       WHERE l.locktype = 'advisory' AND l.objsubid = 2
                         AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
                         AND l.classid::bigint = ? AND l.objid::bigint <> ?)
            """);

    private Claimants() {}

    /**
     * Announces a round until the end of its transaction.
     *
     * @param number tells it from the others
     * @return whether there are others
     */
    public static boolean announce(Transaction transaction, String pool, int number) {
        int key = ("pgmatch claims in " + pool).hashCode();
        boolean[] others = {false};
        STATEMENT.query(
                transaction,
                row -> others[0] = row.getBoolean(2),
                key,
                number,
                Integer.toUnsignedLong(key),
                Integer.toUnsignedLong(number));
        return others[0];
    }
}
