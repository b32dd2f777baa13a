package io.pgmatch.store;

import io.pgmatch.model.NewTask;
import java.util.Objects;

/** Inserts one task. */
public final class InsertTask {
    static final String SQL =
            """
            INSERT INTO pgmatch.tasks (pool, ref, attributes, expires_at)
            VALUES (?, ?, ?::jsonb, now() + ?::bigint * interval '1 millisecond')
            RETURNING id
            """;

    private InsertTask() {}

    /** Runs the statement; returns the id. A refused task is a {@link DatabaseException} that says why. */
    public static long run(Database database, NewTask task) {
        return database.run(dsl -> Objects.requireNonNull(dsl.fetchValue(
                dsl.resultQuery(
                        SQL,
                        task.pool(),
                        task.ref(),
                        task.attributes(),
                        task.expiresIn() == null ? null : task.expiresIn().toMillis())
                        .coerce(org.jooq.impl.SQLDataType.BIGINT))));
    }
}
