package io.pgmatch.store;

import io.pgmatch.model.TaskNeeds;
import io.pgmatch.model.WaitingTask;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;

/**
 * Reads {@link WaitingTask}s off a result. Straight off JDBC's: a round reads thousands, and a
 * record of jOOQ each is what a profile shows first. Immutable.
 *
 * <p>Columns, in this order: id, bucket, rank; and then, as far as they are needed, attributes, seeks, inserted_at.
 * Each column of each row costs the server time, a null the least: so the rank 0, which most rules give all, is sent as one.
 */
final class TaskRows {
    private static final long[] NONE = {};

    private final TaskNeeds needs;

    /** Rows of which that much is needed. */
    TaskRows(TaskNeeds needs) {
        this.needs = needs;
    }

    /** The columns of {@code tasks AS t}. */
    String columns() {
        return "t.id, t.bucket, nullif(t.rank, 0) AS rank_or_null"
                + (needs.attributes() ? ", t.attributes" : "")
                + (needs.seeks() ? ", t.seeks" : "")
                + (needs.insertedAt() ? ", t.inserted_at" : "");
    }

    /** How many columns these are. */
    int count() {
        int count = 3;
        count += needs.attributes() ? 1 : 0;
        count += needs.seeks() ? 1 : 0;
        count += needs.insertedAt() ? 1 : 0;
        return count;
    }

    WaitingTask read(ResultSet rows) throws SQLException {
        long id = rows.getLong(1);
        long bucket = rows.getLong(2);
        boolean withoutBucket = rows.wasNull();
        double rank = rows.getDouble(3);
        int column = 3;
        String attributes = needs.attributes() ? rows.getString(++column) : null;
        long[] seeks = needs.seeks() ? unboxed(rows.getArray(++column)) : withoutBucket ? NONE : new long[] {bucket};
        Instant insertedAt = needs.insertedAt()
                ? rows.getObject(++column, OffsetDateTime.class).toInstant()
                : Instant.EPOCH;
        return new WaitingTask(id, bucket, seeks, rank, attributes, insertedAt);
    }

    private static long[] unboxed(Array array) throws SQLException {
        Long[] boxed = (Long[]) array.getArray();
        long[] values = new long[boxed.length];
        for (int i = 0; i < boxed.length; i++) {
            values[i] = boxed[i];
        }
        return values;
    }
}
