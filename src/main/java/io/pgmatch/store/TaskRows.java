package io.pgmatch.store;

import io.pgmatch.model.WaitingTask;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@link WaitingTask}s off a result. Straight off JDBC's: a round reads thousands, and a
 * record of jOOQ each is what a profile shows first.
 *
 * <p>Columns, in this order: id, bucket, rank, whether it has been searched for before, seeks, attributes,
 * inserted_at; the last three may be null where they are not needed, seeks for the own bucket alone. A null costs
 * next to nothing, so what most rows have in common is sent as one: the rank 0, and that a task is fresh.
 */
final class TaskRows {
    /**
     * The columns of {@code tasks AS t}, with three parameters: whether seeks are needed, attributes,
     * inserted_at.
     */
    static final String COLUMNS = """
            t.id, t.bucket, nullif(t.rank, 0), nullif(t.search_at > '-infinity', false),
                   CASE WHEN ? THEN t.seeks END, CASE WHEN ? THEN t.attributes END,
                   CASE WHEN ? THEN t.inserted_at END""";

    /** How many columns these are. */
    static final int COUNT = 7;

    private static final long[] NONE = {};

    private TaskRows() {}

    static WaitingTask read(ResultSet rows) throws SQLException {
        long bucket = rows.getLong(2);
        boolean withoutBucket = rows.wasNull();
        Array seeks = rows.getArray(5);
        OffsetDateTime insertedAt = rows.getObject(7, OffsetDateTime.class);
        return new WaitingTask(
                rows.getLong(1),
                bucket,
                seeks != null ? unboxed(seeks) : withoutBucket ? NONE : new long[] {bucket},
                rows.getDouble(3),
                !rows.getBoolean(4),
                rows.getString(6),
                insertedAt == null ? Instant.EPOCH : insertedAt.toInstant());
    }

    private static long[] unboxed(@Nullable Array array) throws SQLException {
        if (array == null) {
            return NONE;
        }
        Long[] boxed = (Long[]) array.getArray();
        long[] values = new long[boxed.length];
        for (int i = 0; i < boxed.length; i++) {
            values[i] = boxed[i];
        }
        return values;
    }
}
