package io.pgmatch.store;

import io.pgmatch.model.NewTask;
import java.time.Duration;

/** Inserts one task. */
public final class InsertTask {
    static final String SQL = """
            INSERT INTO pgmatch.tasks (pool, ref, attributes, expires_at)
            VALUES (?, ?, ?::jsonb, now() + ?::bigint * interval '1 millisecond')
            RETURNING id
            """;

    private InsertTask() {}

    /** Runs the statement; returns the id. A refused task is a {@link DatabaseException} that says why. */
    public static long run(Database database, NewTask task) {
        Duration expiresIn = task.expiresIn();
        return database.run(dsl -> dsl.fetchSingle(
                        SQL,
                        task.pool(),
                        task.ref(),
                        task.attributes(),
                        expiresIn == null ? null : expiresIn.toMillis())
                .get(0, Long.class));
    }
}
