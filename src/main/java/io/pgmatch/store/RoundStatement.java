package io.pgmatch.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import org.jspecify.annotations.Nullable;

/**
 * A statement of a round, straight on JDBC. jOOQ renders and binds a statement anew each time it runs, and
 * boxes arrays: in a round of one task that was two thirds of the processor's time, in a round of
 * thousands most of what it took to send them. The driver keeps these prepared, and sends arrays of
 * primitives in binary.
 */
final class RoundStatement {
    private final String sql;

    RoundStatement(String sql) {
        this.sql = sql;
    }

    /** Reads one row of a result. */
    interface RowReader {
        void read(ResultSet rows) throws SQLException;
    }

    /** Asks something of one row of a result. */
    interface RowTest {
        boolean test(ResultSet rows) throws SQLException;
    }

    /** The text, with question marks for the parameters. */
    String sql() {
        return sql;
    }

    /** Rows that have all arrived. For one thread at a time, which need not be the one that asked for them. */
    static final class Rows {
        private final Transaction transaction;
        private final PreparedStatement statement;
        private final ResultSet rows;

        private Rows(Transaction transaction, PreparedStatement statement) throws SQLException {
            this.transaction = transaction;
            this.statement = statement;
            this.rows = statement.executeQuery();
        }

        /** How many there are. */
        int count() {
            try {
                rows.last();
                return rows.getRow();
            } catch (SQLException e) {
                throw DatabaseException.of(e);
            }
        }

        /** Whether one of them is such; {@link #read} is still to follow. */
        boolean anyMatch(RowTest test) {
            boolean[] matched = {false};
            each(row -> matched[0] = matched[0] || test.test(row));
            return matched[0];
        }

        /** Hands them over, once, and is done with them. */
        void read(RowReader reader) {
            try {
                each(reader);
            } finally {
                transaction.closeInTurn(statement);
            }
        }

        private void each(RowReader reader) {
            try {
                rows.beforeFirst();
                while (rows.next()) {
                    reader.read(rows);
                }
            } catch (SQLException e) {
                throw DatabaseException.of(e);
            }
        }
    }

    /** Runs a query and hands over its rows. */
    void query(Transaction transaction, RowReader reader, @Nullable Object... values) {
        fetch(transaction, values).read(reader);
    }

    /**
     * Runs a query. While somebody reads its rows another statement may run. Not the same, though: the
     * driver would prepare it anew. The rows must be read, unless the transaction is rolled back.
     */
    Rows fetch(Transaction transaction, @Nullable Object... values) {
        try {
            PreparedStatement statement = prepare(transaction.connection(), values);
            try {
                return new Rows(transaction, statement);
            } catch (SQLException e) {
                statement.close();
                throw e;
            }
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    /** Runs a change; returns how many rows it was about. */
    int update(Transaction transaction, @Nullable Object... values) {
        try (PreparedStatement statement = prepare(transaction.connection(), values)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    /** The statement with its parameters, to be executed and closed by whoever asks. */
    PreparedStatement prepare(Connection connection, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = connection
                // Scrolling, so that all rows arrive at once, whatever the data source says.
                .prepareStatement(sql, ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY);
        try {
            for (int i = 0; i < values.length; i++) {
                if (values[i] instanceof TypedNull none) {
                    statement.setNull(i + 1, Types.OTHER, none.type());
                } else {
                    statement.setObject(i + 1, values[i]);
                }
            }
            return statement;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }
}
