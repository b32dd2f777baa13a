package io.pgmatch.store;

import io.pgmatch.model.WaitingTask;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@link WaitingTask}s off a result. Straight off JDBC's: a round reads thousands, and a
 * record of jOOQ each is what a profile shows first.
 *
 * <p>Columns, in this order: id, bucket, seeks or null for the own bucket alone, rank, fresh,
 * attributes, inserted_at.
 */
final class TaskRows {
    private static final long[] NONE = {};

    private TaskRows() {}

    static WaitingTask read(ResultSet rows) throws SQLException {
        long bucket = rows.getLong(2);
        boolean withoutBucket = rows.wasNull();
        Array seeks = rows.getArray(3);
        return new WaitingTask(
                rows.getLong(1),
                bucket,
                seeks != null ? unboxed(seeks) : withoutBucket ? NONE : new long[] {bucket},
                rows.getDouble(4),
                rows.getBoolean(5),
                rows.getString(6),
                rows.getObject(7, OffsetDateTime.class).toInstant());
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
