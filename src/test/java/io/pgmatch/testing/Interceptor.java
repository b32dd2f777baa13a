package io.pgmatch.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * Stands between a matcher and its database: notes every statement, and stops chosen ones, before or
 * after they are executed, until the test lets them go on. Thread-safe.
 */
public final class Interceptor {
    /** How commits and rollbacks are noted, and by which they can be stopped. */
    public static final String COMMIT = "commit";

    /** See {@link #COMMIT}. */
    public static final String ROLLBACK = "rollback";

    /** A test that forgets to release, or that fails before it does, must not hang. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final DataSource dataSource;
    private final Queue<String> statements = new ConcurrentLinkedQueue<>();
    private final List<Stop> stops = new CopyOnWriteArrayList<>();
    private final AtomicInteger connectionsAsked = new AtomicInteger();
    private volatile boolean driverHidden;

    /** Stands before {@code source}. */
    public Interceptor(DataSource source) {
        this.dataSource = proxy(DataSource.class, (method, arguments) -> {
            if (method.getName().equals("getConnection")) {
                connectionsAsked.incrementAndGet();
            }
            Object result = invoke(source, method, arguments);
            return result instanceof Connection connection ? wrap(connection) : result;
        });
    }

    /** Connections whose statements pass by here. */
    public DataSource dataSource() {
        return dataSource;
    }

    /** From now on connections do not admit to be the driver's, as those of some pools do not. */
    public void hideDriver() {
        driverHidden = true;
    }

    /** How often a connection was asked for, in vain or not. */
    public int connectionsAsked() {
        return connectionsAsked.get();
    }

    /** All that was executed, commits and rollbacks included, in order. */
    public List<String> statements() {
        return List.copyOf(statements);
    }

    /** How many executed statements contain the fragment; those that are stopped before do not count. */
    public long count(String fragment) {
        return statements.stream().filter(sql -> matches(sql, fragment)).count();
    }

    /** A commit may be sent together with what it commits. */
    private static boolean matches(String sql, String fragment) {
        return sql.contains(fragment) || (fragment.equals(COMMIT) && sql.endsWith("COMMIT"));
    }

    /** Forgets what was executed so far. */
    public void forget() {
        statements.clear();
    }

    /** Stops the next statement that contains the fragment before it is executed. */
    public Stop stopBefore(String fragment) {
        return stopBefore(fragment, 1);
    }

    /** Stops the n-th statement from now that contains the fragment before it is executed. */
    public Stop stopBefore(String fragment, int nth) {
        return add(new Stop(fragment, nth, true));
    }

    /** Stops the next statement that contains the fragment after it was executed. */
    public Stop stopAfter(String fragment) {
        return add(new Stop(fragment, 1, false));
    }

    /** Lets everything go on. */
    public void releaseAll() {
        stops.forEach(Stop::release);
    }

    private Stop add(Stop stop) {
        stops.add(stop);
        return stop;
    }

    /** A place at which one statement stops. */
    public static final class Stop implements AutoCloseable {
        private final String fragment;
        private final boolean before;
        private final AtomicInteger left;
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        private Stop(String fragment, int nth, boolean before) {
            this.fragment = fragment;
            this.left = new AtomicInteger(nth);
            this.before = before;
        }

        /** Waits until a statement has stopped here. */
        public void awaitReached() throws InterruptedException, TimeoutException {
            if (!reached.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new TimeoutException("nothing came to: " + fragment);
            }
        }

        /** Whether a statement has stopped here. */
        public boolean isReached() {
            return reached.getCount() == 0;
        }

        /** Lets the statement go on; one that has not come yet will not stop. */
        public void release() {
            released.countDown();
        }

        @Override
        public void close() {
            release();
        }

        private void pass(String sql, boolean isBefore) throws SQLException {
            if (isBefore != before
                    || released.getCount() == 0
                    || !matches(sql, fragment)
                    || left.decrementAndGet() != 0) {
                return;
            }
            reached.countDown();
            try {
                if (!released.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    throw new SQLException("the test did not let go on: " + sql);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("interrupted at: " + sql, e);
            }
        }
    }

    private interface Action {
        Object run() throws Throwable;
    }

    private interface Call {
        Object run(Method method, Object[] arguments) throws Throwable;
    }

    private Connection wrap(Connection connection) {
        return proxy(Connection.class, (method, arguments) -> switch (method.getName()) {
            case "prepareStatement" ->
                wrap(PreparedStatement.class, (PreparedStatement) invoke(connection, method, arguments), (String)
                        arguments[0]);
            case "createStatement" -> wrap(Statement.class, (Statement) invoke(connection, method, arguments), "");
            case "isWrapperFor" -> !driverHidden && (boolean) invoke(connection, method, arguments);
            case COMMIT, ROLLBACK -> around(method.getName(), () -> invoke(connection, method, arguments));
            default -> invoke(connection, method, arguments);
        });
    }

    private <T extends Statement> T wrap(Class<T> type, T statement, String prepared) {
        return proxy(type, (method, arguments) -> {
            if (!method.getName().startsWith("execute")) {
                return invoke(statement, method, arguments);
            }
            String sql = arguments != null && arguments[0] instanceof String given ? given : prepared;
            return around(sql, () -> invoke(statement, method, arguments));
        });
    }

    private Object around(String sql, Action action) throws Throwable {
        for (Stop stop : stops) {
            stop.pass(sql, true);
        }
        statements.add(sql);
        Object result = action.run();
        for (Stop stop : stops) {
            stop.pass(sql, false);
        }
        return result;
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(
                Interceptor.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> call.run(method, arguments)));
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
