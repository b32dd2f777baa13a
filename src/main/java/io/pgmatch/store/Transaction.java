package io.pgmatch.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jooq.DSLContext;

/**
 * One transaction on one connection. Closing it without {@link #commit} rolls back. Used by one
 * thread, which may start statements and do something else while they run; {@link #abort} is for any.
 */
public final class Transaction implements AutoCloseable {
    private final Connection connection;
    private final DSLContext dsl;

    /** Written by the transaction's thread only. */
    private boolean committed;

    /** The statement that was started last, after all that were before it. Written by the transaction's thread only. */
    private CompletableFuture<?> started = CompletableFuture.completedFuture(null);

    /** What has been read, to be closed by whoever uses the connection next: it is for one thread at a time. */
    private final Queue<Statement> toClose = new ConcurrentLinkedQueue<>();

    /** Held by whoever runs a statement that was started. */
    private final ReentrantLock running = new ReentrantLock();

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
        useConnection();
        return dsl;
    }

    /** The connection, once what was started has ended: a connection runs one statement at a time. */
    Connection connection() {
        useConnection();
        return connection;
    }

    /** Closes a statement whose rows have been read, when no other is running. For any thread. */
    void closeInTurn(Statement statement) {
        toClose.add(statement);
    }

    /**
     * Starts a statement, after those that were started before. Whatever the transaction is asked for
     * next waits for its end, and throws what it threw.
     *
     * @param executor runs it, in whatever thread
     */
    public <T> Started<T> start(Executor executor, Supplier<T> statement) {
        CompletableFuture<T> result = started.thenApplyAsync(
                before -> {
                    running.lock();
                    try {
                        return statement.get();
                    } finally {
                        running.unlock();
                    }
                },
                executor);
        started = result;
        return () -> await(result);
    }

    /** A statement that was started. */
    public interface Started<T> {
        /** Its result, once it has ended; or throws what it threw. For the transaction's thread, once. */
        T result();
    }

    private void useConnection() {
        if (!running.isHeldByCurrentThread()) {
            await(started);
        }
        closeThoseRead();
    }

    private void closeThoseRead() {
        try {
            for (Statement statement = toClose.poll(); statement != null; statement = toClose.poll()) {
                statement.close();
            }
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    private static <T> T await(CompletableFuture<T> result) {
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException exception) {
                throw exception;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }

    /**
     * Commits, and throws as well if the server answers with a warning: what it then made durable is
     * not known.
     */
    public void commitWithoutWarning() {
        try {
            connection().clearWarnings();
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
            connection().commit();
            noteCommitted();
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    /** Notes that a statement has committed it. For the transaction's thread. */
    void noteCommitted() {
        committed = true;
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
        Throwable failure = started.handle((result, thrown) -> thrown).join();
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
        if (failure instanceof CompletionException wrapped && wrapped.getCause() instanceof Error error) {
            // Such as memory that ran out: nobody may take it for an exception of a statement.
            throw error;
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
