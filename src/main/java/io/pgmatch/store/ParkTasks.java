package io.pgmatch.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says of held tasks when they are searched for next.
 *
 * <p>The ids are given twice: a plan that was made for an empty table joins by hash with the whole
 * pool, unless the ids narrow it first.
 */
public final class ParkTasks {
    static final String SQL = """
            UPDATE pgmatch.tasks AS t
            SET search_at = CASE
                WHEN m.spread IS NULL THEN 'infinity'
                ELSE now() + m.spread * least(interval '1 second',
                    greatest(interval '10 milliseconds', (now() - t.inserted_at) / 8))
            END
            FROM unnest(?::bigint[], ?::float8[]) AS m (id, spread)
            WHERE t.pool = ? AND t.id = m.id AND t.id = ANY (?::bigint[])
            """;

    private ParkTasks() {}

    /**
     * A task and how it rests.
     *
     * @param spread null parks it for good; else it backs off for an eighth of its age, at least 10 ms
     *     and at most 1 s, times this random factor
     */
    public record Rest(long id, @Nullable Double spread) {}

    /** Runs the statement; returns how many tasks it found. */
    public static int run(Transaction transaction, String pool, List<Rest> rests) {
        Long[] ids = rests.stream().map(Rest::id).toArray(Long[]::new);
        Double[] spreads = rests.stream().map(Rest::spread).toArray(Double[]::new);
        return transaction.dsl().execute(SQL, ids, spreads, pool, ids);
    }
}
