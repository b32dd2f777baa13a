package io.pgmatch.store;

import io.pgmatch.store.RoundStatement.RowReader;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Reads the database's clock as it is now, not as it was when the transaction began. */
public final class ReadClock {
    static final RoundStatement STATEMENT = new RoundStatement("SELECT clock_timestamp()");

    private ReadClock() {}

    /** An instant after all statements that have ended, and before those that are yet to start. */
    public static Instant run(Transaction transaction) {
        Reader reader = new Reader();
        STATEMENT.query(transaction, reader);
        return reader.instant();
    }

    /** Reads the one row. */
    static final class Reader implements RowReader {
        private @Nullable Instant instant;

        @Override
        public void read(ResultSet row) throws SQLException {
            instant = row.getObject(1, OffsetDateTime.class).toInstant();
        }

        /** What was read. */
        Instant instant() {
            if (instant == null) {
                throw new IllegalStateException("clock: wanted a row, got none");
            }
            return instant;
        }
    }
}
