package io.pgmatch.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Hears the calls that inserts send to sleeping matchers, on a connection of its own. Used by one
 * thread, except where said.
 */
public final class Wakeups implements AutoCloseable {
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** So long a wait goes on after it was called off. Costs the server nothing. */
    private static final int SLICE_MILLIS = 100;

    /** How long the server may take to hear that nobody listens any more. */
    private static final int UNLISTEN_MILLIS = 1_000;

    private final Database database;

    /** Written by the listening thread only. */
    private volatile @Nullable Connection connection;

    /** Set by any thread; the listening one ends by it. */
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
                // It was called off while the connection was made.
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
        long start = System.nanoTime();
        try {
            PGConnection calling = listening.unwrap(PGConnection.class);
            while (!aborted && System.nanoTime() - start < WAIT_NANOS) {
                PGNotification[] calls = calling.getNotifications(SLICE_MILLIS);
                if (calls != null && calls.length > 0) {
                    return Arrays.stream(calls)
                            .map(PGNotification::getParameter)
                            .toList();
                }
            }
            return List.of();
        } catch (SQLException e) {
            close();
            throw DatabaseException.of(e);
        }
    }

    /** Has {@link #await} end soon, and allows no other. For any thread. */
    public void abort() {
        // Not cut: a pool that gets back a connection that was cut tells its log of a fault.
        aborted = true;
    }

    @Override
    public void close() {
        Connection listening = connection;
        connection = null;
        if (listening == null) {
            return;
        }
        // A pooled connection must not go on listening for its next user.
        try (listening;
                Statement statement = listening.createStatement()) {
            int before = listening.getNetworkTimeout();
            listening.setNetworkTimeout(Runnable::run, UNLISTEN_MILLIS);
            statement.execute("UNLISTEN *");
            listening.setNetworkTimeout(Runnable::run, before);
        } catch (SQLException e) {
            // It is gone, and the pool discards it.
        }
    }
}
