package io.pgmatch.store;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;

/** Locks the partners that a round found outside itself. */
public final class TakePartners {
    static final RoundStatement STATEMENT = new RoundStatement("""
            SELECT t.id FROM pgmatch.tasks AS t
            WHERE t.pool = ? AND t.id = ANY (?::bigint[]) AND t.rule_version = ?
              AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
            FOR UPDATE SKIP LOCKED
            """);

    private TakePartners() {}

    /**
     * Runs the statement; what it does not return is held by somebody else, or gone.
     *
     * @param now the round's time: tasks that have expired by then are left out
     * @param version of the rule that the tasks were derived by
     */
    public static Set<Long> run(Transaction transaction, String pool, Instant now, long[] ids, int version) {
        Set<Long> taken = new HashSet<>();
        STATEMENT.query(
                transaction, rows -> taken.add(rows.getLong(1)), pool, ids, version, now.atOffset(ZoneOffset.UTC));
        return taken;
    }
}
