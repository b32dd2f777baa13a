package io.pgmatch.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.embedded.BundledPostgresOptions;
import io.pgmatch.store.Database;
import io.pgmatch.store.Schema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A fresh, migrated database for each test, on one throwaway server for all of them. After each test
 * it checks that no task is in two places, that none is lost, and that no connection is left open.
 *
 * <p>Registered with {@code @RegisterExtension} on an instance field.
 */
public final class TestDatabase implements BeforeEachCallback, AfterEachCallback {
    private static final String TEMPLATE = "template_pgmatch";
    private static final int CONNECTIONS_MAX = 20;
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final BundledPostgres SERVER = startServer();
    private static final ExecutorService MAKER = Executors.newSingleThreadExecutor(TestDatabase::daemon);

    /** Made while the test before runs: to copy the template takes longer than many a test. */
    private static Future<String> next = MAKER.submit(TestDatabase::make);

    private String name;
    private HikariDataSource dataSource;

    private static BundledPostgres startServer() {
        BundledPostgres server = BundledPostgres.start(BundledPostgresOptions.throwaway());
        server.createDatabase(TEMPLATE);
        new Schema(new Database(server.dataSource(TEMPLATE))).migrate();
        return server;
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "databases of tests");
        thread.setDaemon(true);
        return thread;
    }

    private static String make() throws SQLException {
        String made = "test_" + COUNT.incrementAndGet();
        try (Connection connection = SERVER.dataSource("postgres").getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + made + " TEMPLATE " + TEMPLATE);
            statement.execute("ALTER DATABASE " + made + " SET search_path = pgmatch, public");
        }
        return made;
    }

    private static synchronized String take() throws ExecutionException, InterruptedException {
        Future<String> made = next;
        next = MAKER.submit(TestDatabase::make);
        return made.get();
    }

    /** The URL of a migrated database that no test uses. */
    static String anyUrl() {
        try {
            return SERVER.url(take());
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The URL of this test's database. */
    public String url() {
        return SERVER.url(name);
    }

    /** Pooled connections to this test's database. */
    public DataSource dataSource() {
        return dataSource;
    }

    /** The same, as the store wants it. */
    public Database database() {
        return new Database(dataSource);
    }

    /** A connection outside the pool, for a session of the test's own. */
    public Connection connect() throws SQLException {
        return SERVER.dataSource(name).getConnection();
    }

    /** Runs a statement. */
    public void execute(String sql) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /** The first column of the first row. */
    public String query(String sql) {
        return queryAll(sql).get(0);
    }

    /** The first column as a number. */
    public long count(String sql) {
        return Long.parseLong(query(sql));
    }

    /** The first column of all rows. */
    public List<String> queryAll(String sql) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /** Whether a task is {@code fresh}, {@code parked} or {@code backs off}; {@code gone} if it does not wait. */
    public String stateOf(long id) {
        return query("""
                SELECT coalesce((
                    SELECT CASE search_at WHEN '-infinity' THEN 'fresh' WHEN 'infinity' THEN 'parked'
                           ELSE 'backs off' END
                    FROM pgmatch.tasks WHERE id = %d), 'gone')
                """.formatted(id));
    }

    /** The ids of all pairs as {@code first-second}, in the order of pools and first ids. */
    public List<String> pairs() {
        return queryAll("SELECT first_id || '-' || second_id FROM pgmatch.matched_pairs ORDER BY pool, first_id");
    }

    /** How many sessions of this test's database wait for a lock. */
    public long sessionsThatWaitForLocks() {
        return count("""
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """);
    }

    @Override
    public void beforeEach(ExtensionContext context) throws ExecutionException, InterruptedException {
        name = take();
        HikariConfig config = new HikariConfig();
        config.setDataSource(SERVER.dataSource(name));
        config.setMaximumPoolSize(CONNECTIONS_MAX);
        config.setMinimumIdle(0);
        config.setPoolName(name);
        dataSource = new HikariDataSource(config);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        try {
            if (context.getExecutionException().isEmpty()) {
                check();
            }
        } finally {
            dataSource.close();
            SERVER.dropDatabase(name);
        }
    }

    private void check() {
        Awaitility.await("connections given back")
                .until(() -> dataSource.getHikariPoolMXBean().getActiveConnections() == 0);
        assertThat(queryAll("""
                        SELECT pool || ' ' || id || ' is in ' || count(*) || ' places' FROM (
                            SELECT pool, id FROM pgmatch.tasks
                            UNION ALL SELECT pool, first_id FROM pgmatch.matched_pairs
                            UNION ALL SELECT pool, second_id FROM pgmatch.matched_pairs
                            UNION ALL SELECT pool, id FROM pgmatch.retired_tasks) AS place
                        GROUP BY pool, id HAVING count(*) > 1
                        """)).as("no task in two places").isEmpty();
        assertThat(count("""
                        SELECT (SELECT coalesce(sum(inserted), 0) FROM pgmatch.task_tally)
                            - (SELECT count(*) FROM pgmatch.tasks)
                            - 2 * (SELECT count(*) FROM pgmatch.matched_pairs)
                            - (SELECT count(*) FROM pgmatch.retired_tasks)
                        """)).as("inserted = waiting + 2 x pairs + retired").isZero();
    }
}
