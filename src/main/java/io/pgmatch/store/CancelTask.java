package io.pgmatch.store;

import io.pgmatch.model.CancelAnswer;

/** Takes a waiting task back. */
public final class CancelTask {
    private static final String LOCK_TIMEOUT_MILLIS = "15000";

    private CancelTask() {}

    /** Cancels in that pool; waits for a round that holds the task, at most 15 s. */
    public static CancelAnswer run(Database database, String pool, long id) {
        try (Transaction transaction = database.begin()) {
            transaction.dsl().fetch("SELECT set_config('lock_timeout', ?, true)", LOCK_TIMEOUT_MILLIS);
            String answer = transaction
                    .dsl()
                    .fetchSingle("SELECT pgmatch.cancel(?, ?)", pool, id)
                    .get(0, String.class);
            transaction.commit();
            return CancelAnswer.parse(answer);
        }
    }
}
