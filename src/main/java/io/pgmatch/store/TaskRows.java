package io.pgmatch.store;

import io.pgmatch.model.TaskNeeds;
import io.pgmatch.model.WaitingTask;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@link WaitingTask}s off a result. Straight off JDBC's: a round reads thousands, and a
 * record of jOOQ each is what a profile shows first. Immutable.
 *
 * <p>Columns, in this order: id, bucket, rank; and then, as far as they are needed, attributes, seeks, inserted_at.
 * Each column of each row costs the server time, a null the least: so the rank 0, which most rules give all, is sent as one.
 */
final class TaskRows {
    private static final long[] NONE = {};

    private final List<String> columns =
            new ArrayList<>(List.of("t.id", "t.bucket", "nullif(t.rank, 0) AS rank_or_null"));

    /** Where the others are; 0 if not needed. */
    private final int attributesColumn;

    private final int seeksColumn;
    private final int insertedAtColumn;

    /** Rows of which that much is needed. */
    TaskRows(TaskNeeds needs) {
        this.attributesColumn = column(needs.attributes(), "t.attributes");
        this.seeksColumn = column(needs.seeks(), "t.seeks");
        this.insertedAtColumn = column(needs.insertedAt(), "t.inserted_at");
    }

    private int column(boolean isNeeded, String column) {
        if (!isNeeded) {
            return 0;
        }
        columns.add(column);
        return columns.size();
    }

    /** The columns of {@code tasks AS t}. */
    String columns() {
        return String.join(", ", columns);
    }

    /** How many columns these are. */
    int count() {
        return columns.size();
    }

    WaitingTask read(ResultSet rows) throws SQLException {
        long id = rows.getLong(1);
        long bucket = rows.getLong(2);
        boolean withoutBucket = rows.wasNull();
        double rank = rows.getDouble(3);
        String attributes = attributesColumn > 0 ? rows.getString(attributesColumn) : null;
        long[] seeks =
                seeksColumn > 0 ? unboxed(rows.getArray(seeksColumn)) : withoutBucket ? NONE : new long[] {bucket};
        Instant insertedAt = insertedAtColumn > 0
                ? rows.getObject(insertedAtColumn, OffsetDateTime.class).toInstant()
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
