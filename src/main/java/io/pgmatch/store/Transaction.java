package io.pgmatch.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import org.jooq.DSLContext;

/**
 * One transaction on one connection. Closing it without {@link #commit} rolls back. Used by one
 * thread, except {@link #abort}.
 */
public final class Transaction implements AutoCloseable {
    private final Connection connection;
    private final DSLContext dsl;
    private boolean committed;

    private Transaction(Connection connection, DSLContext dsl) {
        this.connection = connection;
        this.dsl = dsl;
    }

    static Transaction begin(Connection connection, DSLContext dsl) {
        try {
            connection.setAutoCommit(false);
            return new Transaction(connection, dsl);
        } catch (SQLException e) {
            closeQuietly(connection);
            throw DatabaseException.of(e);
        }
    }

    DSLContext dsl() {
        return dsl;
    }

    Connection connection() {
        return connection;
    }

    /**
     * Commits, and throws as well if the server answers with a warning: what it then made durable is
     * not known.
     */
    public void commitWithoutWarning() {
        try {
            connection.clearWarnings();
            commit();
            SQLWarning warning = connection.getWarnings();
            if (warning != null) {
                throw DatabaseException.of(warning);
            }
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    /**
     * Commits. Returns normally only if the server said that it committed: the driver raises an
     * error where the server answers ROLLBACK, because a statement had failed before.
     */
    public void commit() {
        try {
            connection.commit();
            committed = true;
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    /** Cuts the connection, whatever it waits for; its thread then meets an error. For any thread. */
    public void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    @Override
    public void close() {
        try {
            if (!committed) {
                connection.rollback();
            }
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            // The server rolls back what it did not commit, and the pool discards the connection.
        } finally {
            closeQuietly(connection);
        }
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // Nothing depends on a connection that fails while it is given back.
        }
    }
}
