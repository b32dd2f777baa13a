package io.pgmatch.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
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

    /** The text, with question marks for the parameters. */
    String sql() {
        return sql;
    }

    /** Rows that have arrived, to be read once. For one thread, which need not be the one that asked for them. */
    interface Rows {
        void read(RowReader reader);
    }

    /** Runs a query and hands over its rows. */
    void query(Transaction transaction, RowReader reader, @Nullable Object... values) {
        fetch(transaction, values).read(reader);
    }

    /**
     * Runs a query. While somebody reads its rows another statement may run: they have all arrived. Not the same, though: the
     * driver would prepare it anew. They must be read, unless the transaction is rolled back.
     */
    Rows fetch(Transaction transaction, @Nullable Object... values) {
        try {
            PreparedStatement statement = prepare(transaction, values);
            try {
                ResultSet rows = statement.executeQuery();
                return reader -> {
                    try {
                        while (rows.next()) {
                            reader.read(rows);
                        }
                    } catch (SQLException e) {
                        throw DatabaseException.of(e);
                    } finally {
                        transaction.closeInTurn(statement);
                    }
                };
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
        try (PreparedStatement statement = prepare(transaction, values)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    private PreparedStatement prepare(Transaction transaction, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = transaction.connection().prepareStatement(sql);
        try {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }
}
