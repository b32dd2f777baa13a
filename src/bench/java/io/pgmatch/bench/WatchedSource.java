package io.pgmatch.bench;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.sql.DataSource;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a data source and counts what is executed on its connections: statements, and how long commits took, with
 * what was sent together with them. What a connection pool asks to see whether a connection still lives goes by below. For
 * one user of the data source, so that it is known whose statements these are. Thread-safe.
 */
final class WatchedSource {
    private final DataSource source;
    private final LongAdder statements = new LongAdder();
    private final Histogram commitMicros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(10), 3);

    WatchedSource(DataSource watched) {
        this.source = proxy(DataSource.class, (method, arguments) -> {
            Object result = invoke(watched, method, arguments);
            return result instanceof Connection connection ? watch(connection) : result;
        });
    }

    /** Connections that are watched. */
    DataSource dataSource() {
        return source;
    }

    /** How many statements were executed so far, those that commit and roll back not counted. */
    long statements() {
        return statements.sum();
    }

    /**
     * How long commits took, in microseconds, with what was sent together with them: from when it was sent to when the server
     * had answered.
     */
    Histogram commitMicros() {
        return commitMicros;
    }

    private interface Call {
        @Nullable
        Object run(Method method, @Nullable Object @Nullable [] arguments) throws Throwable;
    }

    private Connection watch(Connection connection) {
        return proxy(Connection.class, (method, arguments) -> {
            if (method.getName().equals("commit")) {
                long start = System.nanoTime();
                invoke(connection, method, arguments);
                commitMicros.recordValue((System.nanoTime() - start) / 1_000);
                return null;
            }
            Object result = invoke(connection, method, arguments);
            if (result instanceof PreparedStatement prepared && arguments != null) {
                return watch(PreparedStatement.class, prepared, (String) arguments[0]);
            }
            return result instanceof Statement statement ? watch(Statement.class, statement, "") : result;
        });
    }

    private <T extends Statement> T watch(Class<T> type, T statement, String sql) {
        // Several may be sent together, the commit as the last.
        int count = sql.split(";\\s*\n").length;
        boolean commits = sql.endsWith("COMMIT");
        return proxy(type, (method, arguments) -> {
            if (!method.getName().startsWith("execute")) {
                return invoke(statement, method, arguments);
            }
            statements.add(commits ? count - 1 : count);
            long start = System.nanoTime();
            Object result = invoke(statement, method, arguments);
            if (commits) {
                commitMicros.recordValue((System.nanoTime() - start) / 1_000);
            }
            return result;
        });
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(
                WatchedSource.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> call.run(method, arguments)));
    }

    private static @Nullable Object invoke(Object target, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
