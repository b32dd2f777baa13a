package io.pgmatch.store;

import io.pgmatch.model.Task;
import io.pgmatch.model.Task.State;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Lists waiting tasks, the oldest first. */
public final class TaskList {
    static final String SQL = """
            SELECT t.pool, t.id, t.ref, t.attributes, t.inserted_at,
                   extract(epoch FROM now() - t.inserted_at)::float8,
                   CASE WHEN t.search_at = '-infinity' THEN 'fresh' WHEN t.search_at <= now() THEN 'due'
                        WHEN t.search_at = 'infinity' THEN 'parked' ELSE 'asleep' END,
                   CASE WHEN t.search_at <= now() THEN 0 WHEN t.search_at = 'infinity' THEN NULL
                        ELSE extract(epoch FROM t.search_at - now())::float8 END,
                   CASE WHEN isfinite(t.expires_at) THEN t.expires_at END
            FROM pgmatch.tasks AS t
            WHERE ?::text IS NULL OR t.pool = ?::text
            ORDER BY t.id
            LIMIT ?
            """;

    private TaskList() {}

    /** At most {@code limit} tasks of that pool, or of all if it is null. */
    public static List<Task> run(Database database, @Nullable String pool, int limit) {
        return database.run(dsl -> {
            List<Task> tasks = new ArrayList<>();
            try (ResultSet rows = dsl.resultQuery(SQL, pool, pool, limit).fetchResultSet()) {
                while (rows.next()) {
                    tasks.add(task(rows));
                }
            } catch (SQLException e) {
                throw DatabaseException.of(e);
            }
            return tasks;
        });
    }

    static Task task(ResultSet row) throws SQLException {
        double searchIn = row.getDouble(8);
        Duration next = row.wasNull() ? null : seconds(searchIn);
        OffsetDateTime expiresAt = row.getObject(9, OffsetDateTime.class);
        return new Task(
                row.getString(1),
                row.getLong(2),
                row.getString(3),
                row.getString(4),
                instant(row, 5),
                seconds(row.getDouble(6)),
                State.valueOf(row.getString(7).toUpperCase(Locale.ROOT)),
                next,
                expiresAt == null ? null : expiresAt.toInstant());
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1_000));
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
