package io.pgmatch.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * Counts what one transaction reads of the table of tasks and its indexes. It runs in a session of its
 * own, whose counters start at zero, and they are read before it ends. Used by one thread, once.
 */
public final class ReadCounter {
    /** Of an index the tuples returned are its entries, of a table the rows of a scan without index. */
    private static final String COUNTERS = """
            SELECT sum(pg_stat_get_xact_tuples_returned(c.oid) + pg_stat_get_xact_tuples_fetched(c.oid)),
                   sum(pg_stat_get_xact_blocks_fetched(c.oid))
            FROM pg_class AS c
            WHERE c.oid = 'pgmatch.tasks'::regclass
               OR c.oid IN (SELECT i.indexrelid FROM pg_index AS i WHERE i.indrelid = 'pgmatch.tasks'::regclass)
            """;

    private final TestDatabase database;
    private Reads reads = new Reads(-1, -1);

    /** Nothing is connected yet. */
    public ReadCounter(TestDatabase database) {
        this.database = database;
    }

    /** What was read: rows and entries of indexes, and pages of either. */
    public record Reads(long rows, long pages) {}

    /** What the transaction has read; negative if it was not ended. */
    public Reads reads() {
        return reads;
    }

    /** Where the transaction takes its connection from. */
    public DataSource dataSource() {
        return proxy(DataSource.class, (name, call) -> {
            Connection session = database.connect();
            session.setAutoCommit(false);
            return proxy(Connection.class, (method, onSession) -> {
                if (reads.pages() < 0 && (method.equals("commit") || method.equals("close"))) {
                    reads = count(session);
                }
                return onSession.on(session);
            });
        });
    }

    private static Reads count(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(COUNTERS)) {
            row.next();
            return new Reads(row.getLong(1), row.getLong(2));
        }
    }

    private interface Call {
        Object on(Object target) throws Throwable;
    }

    private interface Handling {
        Object handle(String method, Call call) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Handling handling) {
        return type.cast(Proxy.newProxyInstance(
                ReadCounter.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> handling.handle(method.getName(), target -> {
                    try {
                        return method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                })));
    }
}
