package io.pgmatch.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Hears the calls that inserts send to sleeping matchers, on a connection of its own. Used by one
 * thread, except where said.
 */
public final class Wakeups implements AutoCloseable {
    private static final int WAIT_MILLIS = 10_000;

    private final Database database;

    /** Written by the listening thread only. */
    private volatile @Nullable Connection connection;

    /** Set by any thread before it reads the connection; read by the listening one after it wrote it. */
    private volatile boolean aborted;

    /** Wakeups of that database; nothing happens before {@link #listen}. */
    public Wakeups(Database database) {
        this.database = database;
    }

    /** Whether calls would be heard now. For any thread. */
    public boolean isListening() {
        return connection != null;
    }

    /** Starts to listen, if it does not yet; false if the connections of this data source cannot. */
    public boolean listen() {
        if (connection != null) {
            return true;
        }
        try {
            Connection fresh = database.source().getConnection();
            if (!fresh.isWrapperFor(PGConnection.class)) {
                fresh.close();
                return false;
            }
            try (Statement statement = fresh.createStatement()) {
                statement.execute("LISTEN pgmatch");
            } catch (SQLException e) {
                fresh.close();
                throw e;
            }
            connection = fresh;
            if (aborted) {
                // Whoever aborted may have done so before there was a connection to cut.
                close();
                return false;
            }
            return true;
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    /** Waits for calls, at most ten seconds; returns the names of the pools that called. */
    public List<String> await() {
        Connection listening = connection;
        if (listening == null) {
            return List.of();
        }
        try {
            PGNotification[] calls = listening.unwrap(PGConnection.class).getNotifications(WAIT_MILLIS);
            return calls == null
                    ? List.of()
                    : Arrays.stream(calls).map(PGNotification::getParameter).toList();
        } catch (SQLException e) {
            close();
            throw DatabaseException.of(e);
        }
    }

    /** Cuts the connection, so that {@link #await} ends, and allows no other. For any thread. */
    public void abort() {
        aborted = true;
        Connection listening = connection;
        if (listening != null) {
            try {
                listening.abort(Runnable::run);
            } catch (SQLException e) {
                throw DatabaseException.of(e);
            }
        }
    }

    @Override
    public void close() {
        Connection listening = connection;
        connection = null;
        if (listening != null) {
            try {
                // A pooled connection must not go on listening for its next user.
                listening.abort(Runnable::run);
                listening.close();
            } catch (SQLException e) {
                // It is gone either way.
            }
        }
    }
}
