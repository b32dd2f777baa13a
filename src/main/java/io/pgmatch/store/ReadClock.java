package io.pgmatch.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Reads the database's clock as it is now, not as it was when the transaction began. */
public final class ReadClock {
    static final RoundStatement STATEMENT = new RoundStatement("SELECT coalesce(?::timestamptz, clock_timestamp())");

    private ReadClock() {}

    /**
     * An instant after all statements that have ended, and before those that are yet to start.
     *
     * @param virtualNow this one instead, unless it is null: outside tests and simulations it is
     */
    public static Instant run(Transaction transaction, @Nullable Instant virtualNow) {
        Instant[] read = {Instant.MIN};
        STATEMENT.query(transaction, row -> read[0] = instant(row), value(virtualNow));
        return read[0];
    }

    /** The parameter of the statement, and of others that go by the same time. */
    static Object value(@Nullable Instant virtualNow) {
        return virtualNow == null ? TypedNull.TIMESTAMPTZ : virtualNow.atOffset(ZoneOffset.UTC);
    }

    /** What the first column of a row says. */
    static Instant instant(ResultSet row) throws SQLException {
        return row.getObject(1, OffsetDateTime.class).toInstant();
    }
}
