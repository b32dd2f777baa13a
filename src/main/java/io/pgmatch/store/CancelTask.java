package io.pgmatch.store;

import io.pgmatch.model.CancelAnswer;
import org.jspecify.annotations.Nullable;

/** Takes a waiting task back. */
public final class CancelTask {
    private static final String LOCK_TIMEOUT_MILLIS = "15000";

    /**
     * The pool that a task is or was in, whatever has become of it. Looked for once before the cancel,
     * which then decides; a pool does not change for a task.
     */
    static final String POOL_OF = """
            SELECT known.pool
            FROM (SELECT DISTINCT r.pool FROM pgmatch.pool_rules AS r) AS known
            WHERE EXISTS (SELECT FROM pgmatch.tasks AS t WHERE t.pool = known.pool AND t.id = ?)
               OR EXISTS (SELECT FROM pgmatch.matched_pairs AS m
                          WHERE m.pool = known.pool AND m.first_id = ?)
               OR EXISTS (SELECT FROM pgmatch.matched_pairs AS m
                          WHERE m.pool = known.pool AND m.second_id = ?)
               OR EXISTS (SELECT FROM pgmatch.retired_tasks AS r WHERE r.pool = known.pool AND r.id = ?)
            """;

    private CancelTask() {}

    /**
     * Cancels; waits for a round that holds the task, at most 15 s.
     *
     * @param pool the pool it is in, or null if that is not known
     */
    public static CancelAnswer run(Database database, @Nullable String pool, long id) {
        try (Transaction transaction = database.begin()) {
            var dsl = transaction.dsl();
            String found = pool != null
                    ? pool
                    : dsl.resultQuery(POOL_OF, id, id, id, id).fetchAny(0, String.class);
            if (found == null) {
                return new CancelAnswer.Unknown();
            }
            dsl.fetch("SELECT set_config('lock_timeout', ?, true)", LOCK_TIMEOUT_MILLIS);
            String answer =
                    dsl.fetchSingle("SELECT pgmatch.cancel(?, ?)", found, id).get(0, String.class);
            transaction.commit();
            return CancelAnswer.parse(answer);
        }
    }
}
