package io.pgmatch.store;

import java.util.HashSet;
import java.util.Set;

/** Locks the partners that a round found outside itself. */
public final class TakePartners {
    static final RoundStatement STATEMENT = new RoundStatement("""
            SELECT t.id FROM pgmatch.tasks AS t
            WHERE t.pool = ? AND t.id = ANY (?::bigint[]) AND t.rule_version = ?
            FOR UPDATE SKIP LOCKED
            """);

    private TakePartners() {}

    /**
     * Runs the statement; what it does not return is held by somebody else, or gone.
     *
     * @param version of the rule that the tasks were derived by
     */
    public static Set<Long> run(Transaction transaction, String pool, long[] ids, int version) {
        Set<Long> taken = new HashSet<>();
        STATEMENT.query(transaction, rows -> taken.add(rows.getLong(1)), pool, ids, version);
        return taken;
    }
}
