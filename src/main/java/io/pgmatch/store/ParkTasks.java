package io.pgmatch.store;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says of claimed tasks when they are searched for next.
 *
 * <p>The ids are given twice: a plan that was made for an empty table joins by hash with the whole
 * pool, unless the ids narrow it first.
 */
public final class ParkTasks {
    static final RoundStatement STATEMENT = new RoundStatement("""
            UPDATE pgmatch.tasks AS t
            SET search_at = CASE
                    WHEN m.spread IS NULL THEN m.wake_at
                    ELSE ?::timestamptz + m.spread * least(interval '1 second', interval '10 milliseconds' * 2 ^ t.back_offs)
                END,
                back_offs = CASE WHEN m.spread IS NULL THEN 0 ELSE least(t.back_offs + 1, 10) END
            FROM unnest(?::bigint[], ?::float8[], ?::timestamptz[]) AS m (id, spread, wake_at)
            WHERE t.pool = ? AND t.id = m.id AND t.id = ANY (?::bigint[]) AND t.rule_version = ?
            """);

    /** What comes after this, by ISO 8601 as PostgreSQL reads it, may as well be never. */
    private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

    private ParkTasks() {}

    /**
     * A task and how it rests: until an instant, or backing off for 10 ms the first time, then for twice as
     * long each time, at most 1 s, times a random factor.
     *
     * @param wakeAt when its rule next changes; {@link Instant#MAX} parks it for good
     * @param spread the random factor of a back-off; null if it does not back off
     */
    public record Rest(long id, Instant wakeAt, @Nullable Double spread) {
        /** Whether it does not back off. */
        public boolean isAtRest() {
            return spread == null;
        }
    }

    /**
     * Runs the statement; returns how many tasks it found.
     *
     * @param version of the rule that they were searched for by
     */
    public static int run(Transaction transaction, String pool, Instant now, List<Rest> rests, int version) {
        return STATEMENT.update(transaction, values(pool, now, rests, version));
    }

    /** The parameters of the statement. */
    static @Nullable Object[] values(String pool, Instant now, List<Rest> rests, int version) {
        long[] ids = rests.stream().mapToLong(Rest::id).toArray();
        Double[] spreads = rests.stream().map(Rest::spread).toArray(Double[]::new);
        String[] wakeAts = rests.stream()
                .map(Rest::wakeAt)
                .map(instant -> instant.isAfter(LATEST) ? "infinity" : instant.toString())
                .toArray(String[]::new);
        return new @Nullable Object[] {now.atOffset(ZoneOffset.UTC), ids, spreads, wakeAts, pool, ids, version};
    }
}
