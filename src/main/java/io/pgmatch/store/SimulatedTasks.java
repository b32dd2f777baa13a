package io.pgmatch.store;

import io.pgmatch.model.Scenario.Arrival;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** What a simulation does to tasks and reads of them, by a time of its own. */
public final class SimulatedTasks {
    static final String INSERT = """
            INSERT INTO pgmatch.tasks (pool, ref, attributes, inserted_at, expires_at)
            VALUES (?, ?, ?::jsonb, ?::timestamptz, ?::timestamptz)
            RETURNING id
            """;

    /** When something next happens by itself: a task wakes, or one expires. */
    static final String NEXT = """
            SELECT least(
                (SELECT t.search_at FROM pgmatch.tasks AS t
                 WHERE t.pool = ? AND t.search_at > '-infinity' AND t.search_at < 'infinity'
                 ORDER BY t.search_at LIMIT 1),
                (SELECT t.expires_at FROM pgmatch.tasks AS t
                 WHERE t.pool = ? AND t.expires_at IS NOT NULL
                 ORDER BY t.expires_at LIMIT 1))
            """;

    static final String EXPIRE = """
            WITH gone AS (
                DELETE FROM pgmatch.tasks AS t WHERE t.pool = ? AND t.expires_at <= ?::timestamptz
                RETURNING t.pool, t.id, t.ref, t.attributes, t.inserted_at)
            INSERT INTO pgmatch.retired_tasks (pool, id, ref, attributes, inserted_at, reason)
            SELECT g.pool, g.id, g.ref, g.attributes, g.inserted_at, 'expired' FROM gone AS g
            """;

    static final String CANCEL = """
            SELECT pgmatch.cancel(t.pool, t.id) FROM pgmatch.tasks AS t WHERE t.pool = ? AND t.ref = ?
            """;

    static final String WAITING = """
            SELECT t.id, t.ref, t.inserted_at, isfinite(t.search_at)
            FROM pgmatch.tasks AS t WHERE t.pool = ? ORDER BY t.id
            """;

    private SimulatedTasks() {}

    /** A task that waits. */
    public record Waiting(long id, @Nullable String ref, Instant insertedAt, boolean asleep) {}

    /** Inserts a task that arrives at that time; returns its id. */
    public static long insert(Database database, String pool, Arrival task, Instant at) {
        Duration expiresIn = task.expiresIn();
        return database.run(dsl -> dsl.fetchSingle(
                        INSERT,
                        pool,
                        task.ref(),
                        task.attributes(),
                        time(at),
                        expiresIn == null ? null : time(at.plus(expiresIn)))
                .get(0, Long.class));
    }

    /** When something next happens by itself; empty if nothing does. */
    public static Optional<Instant> next(Database database, String pool) {
        return database.run(
                dsl -> Optional.ofNullable(dsl.fetchSingle(NEXT, pool, pool).get(0, OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant));
    }

    /** Retires what has expired by then. */
    public static void expire(Database database, String pool, Instant now) {
        database.run(dsl -> dsl.execute(EXPIRE, pool, time(now)));
    }

    /** Takes a task back; false if none of that ref waits. */
    public static boolean cancel(Database database, String pool, String ref) {
        return database.run(dsl -> !dsl.fetch(CANCEL, pool, ref).isEmpty());
    }

    /** Who waits, by id. */
    public static List<Waiting> waiting(Database database, String pool) {
        return database.run(dsl -> dsl.fetch(WAITING, pool).map(SimulatedTasks::waiting));
    }

    private static Waiting waiting(Record row) {
        return new Waiting(
                row.get(0, Long.class),
                row.get(1, String.class),
                row.get(2, OffsetDateTime.class).toInstant(),
                row.get(3, Boolean.class));
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
