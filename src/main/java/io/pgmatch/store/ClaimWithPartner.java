package io.pgmatch.store;

import io.pgmatch.model.TaskNeeds;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Claims the first due task of a pool, and locks a partner for it. For rules by which any two tasks of one bucket may be paired,
 * and no others.
 */
final class ClaimWithPartner {
    /** By such a rule all ranks are the same; the index has them between the bucket and the id. */
    private static final String PARTNER_OF_CLAIMED = """
            s.pool = ? AND s.bucket = c.bucket AND s.rank = c.rank AND s.rule_version = c.rule_version
              AND (s.expires_at IS NULL OR s.expires_at > coalesce(?::timestamptz, now()))""";

    /**
     * The task; and in a row of its own the first of its bucket who waits, itself apart, which may be due once more. If there
     * is nobody and it is fresh, the next fresh one: those before it are in the hands of others, or have come late, and a task
     * that is due once more may have to leave the next one to those.
     */
    static final TaskStatement STATEMENT = new TaskStatement(columns ->
            """
            WITH claimed AS MATERIALIZED (
                SELECT *
                %1$s
                LIMIT 1
                FOR UPDATE SKIP LOCKED)
            SELECT %2$s, nullif(%3$s, 0) AS notes
            FROM claimed AS t
            UNION ALL
            SELECT %2$s, %4$d
            FROM claimed AS c
            CROSS JOIN LATERAL (
                WITH waiting AS MATERIALIZED (
                    SELECT *
                    FROM pgmatch.tasks AS s
                    WHERE %5$s
                      AND s.search_at > '-infinity' AND s.id <> c.id
                    ORDER BY s.rank, s.id
                    LIMIT 1
                    FOR UPDATE SKIP LOCKED)
                SELECT *
                FROM waiting
                UNION ALL
                SELECT *
                FROM (
                    SELECT *
                    FROM pgmatch.tasks AS s
                    WHERE %5$s
                      AND s.search_at = '-infinity' AND s.id > c.id
                      AND c.search_at = '-infinity' AND NOT EXISTS (SELECT FROM waiting)
                    ORDER BY s.rank, s.id
                    LIMIT 1
                    FOR UPDATE SKIP LOCKED) AS ahead) AS t
            """.formatted(ClaimTasks.FROM_DUE, columns, ClaimTasks.OWN_NOTES, ClaimReader.PARTNER, PARTNER_OF_CLAIMED));

    private ClaimWithPartner() {}

    /**
     * Adds it to what is sent together.
     *
     * @param now the round's time; null for the database's
     * @param freshId in the order (search_at, id) to start at this one of the fresh tasks
     * @return reads the rows
     */
    static ClaimReader add(
            OneTrip trip, String pool, @Nullable Instant now, int version, TaskNeeds needs, long freshId) {
        Object at = ReadClock.value(now);
        ClaimReader reader = new ClaimReader(needs, false);
        trip.query(STATEMENT.of(needs), reader, pool, at, freshId, at, version, pool, at, pool, at);
        return reader;
    }
}
