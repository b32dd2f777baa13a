package io.pgmatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgmatch.model.NewTask;
import io.pgmatch.model.Pair;
import io.pgmatch.model.PoolAudit;
import io.pgmatch.store.Database;
import io.pgmatch.store.FoldTally;
import io.pgmatch.store.InsertBatches;
import io.pgmatch.store.Sleepers;
import io.pgmatch.store.Transaction;
import io.pgmatch.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.ds.PGSimpleDataSource;

/** docs/operations.md: its SQL runs, and does what the page says. */
final class OperationsTest {
    private static final Path PAGE = Path.of("docs/operations.md");
    private static final Pattern BLOCK = Pattern.compile("(?s)```sql\n(.*?)```");
    private static final List<String> ROLES = List.of(
            "pgmatch_producer", "pgmatch_bulk_producer", "pgmatch_canceller", "pgmatch_consumer", "pgmatch_matcher");
    private static final String DENIED = "42501";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @AfterEach
    void dropRoles() {
        // Roles belong to the server, which other tests use, too.
        for (String role : database.queryAll("SELECT rolname FROM pg_roles WHERE rolname LIKE 'pgmatch\\_%'")) {
            database.execute("DROP OWNED BY " + role);
            database.execute("DROP ROLE " + role);
        }
    }

    @Test
    void aProducerNeedsTheGrantsOfThePageAndNoMore() throws Exception {
        createRoles();

        insertAsProducer("INSERT INTO pgmatch.tasks DEFAULT VALUES");
        insertAsProducer("INSERT INTO pgmatch.tasks (pool, attributes, ref, expires_at)"
                + " VALUES ('default', '{}', 'mine', now() + interval '1 hour') RETURNING id");
        for (String sql : List.of(
                "INSERT INTO pgmatch.tasks (inserted_at) VALUES ('2000-01-01')",
                "SELECT attributes FROM pgmatch.tasks",
                "DELETE FROM pgmatch.tasks",
                "SELECT pgmatch.cancel('default', 1)",
                "SELECT FROM pgmatch.matched_pairs",
                "UPDATE pgmatch.pools SET paused = true")) {
            assertThatThrownBy(() -> insertAsProducer(sql))
                    .as(sql)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(DENIED));
        }
    }

    @Test
    void eachGrantOfAProducerIsNeeded() throws Exception {
        createRoles();
        int tried = 0;

        for (String grant : blocks("Roles").get(0).split(";")) {
            String bare = grant.replaceAll("(?m)^--.*\n", "").strip();
            if (bare.startsWith("GRANT") && bare.endsWith("pgmatch_producer")) {
                database.execute(bare.replace("GRANT", "REVOKE").replace(" TO ", " FROM "));
                assertThatThrownBy(() ->
                                insertAsProducer("INSERT INTO pgmatch.tasks (ref) VALUES ('another') RETURNING id"))
                        .as("without %s", bare)
                        .isInstanceOf(SQLException.class);
                database.execute(bare);
                tried++;
            }
        }
        assertThat(tried).isEqualTo(6);
        insertAsProducer("INSERT INTO pgmatch.tasks (ref) VALUES ('another') RETURNING id");
    }

    @Test
    void aBufferNeedsNoMoreThanTheGrantsOfThePage() throws Exception {
        createRoles();
        PGSimpleDataSource source = asBulkProducer();
        UUID batchId = UUID.randomUUID();

        try (TaskBuffer buffer =
                TaskBuffer.builder(source).readPoolsEvery(Duration.ofMillis(20)).build()) {
            buffer.start();
            assertThat(buffer.submit(task("mine"))).succeedsWithin(PATIENCE);
            assertThat(buffer.submit(task("mine")))
                    .as("refused, after a savepoint")
                    .failsWithin(PATIENCE)
                    .withThrowableThat()
                    .withMessageContaining("waits as task");
            for (boolean repeated : List.of(false, true)) {
                assertThat(buffer.submitBatch(batchId, List.of(task("in a batch"), task("mine"))))
                        .succeedsWithin(PATIENCE)
                        .satisfies(receipt -> assertThat(receipt.inserted()).isOne())
                        .satisfies(receipt -> assertThat(receipt.repeated()).isEqualTo(repeated));
            }
            await("the pools read").until(() -> buffer.snapshot().pools().containsKey("default"));
        }

        // What a buffer does after some thousand flushes.
        try (Transaction transaction = new Database(source).begin()) {
            InsertBatches.forget(transaction, List.of("default"), List.of(batchId));
            transaction.commit();
        }

        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(2);
        assertThat(database.count("SELECT count(*) FROM pgmatch.insert_batches WHERE batch_id = '" + batchId + "'"))
                .isZero();
    }

    @Test
    void eachGrantOfABufferIsNeeded() throws Exception {
        createRoles();
        PGSimpleDataSource source = asBulkProducer();
        int tried = 0;

        for (String grant : blocks("Roles").get(0).split(";")) {
            String bare = grant.replaceAll("(?m)^--.*\n", "").strip();
            // The schema is granted to both roles, and one would do.
            if (bare.startsWith("GRANT") && bare.endsWith("pgmatch_bulk_producer") && !bare.contains("ON SCHEMA")) {
                database.execute(bare.replace("GRANT", "REVOKE").replace(" TO ", " FROM "));
                assertThatThrownBy(() -> {
                            try (TaskBuffer buffer = TaskBuffer.builder(source).build()) {
                                buffer.start();
                                buffer.submit(task(null)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                            }
                        })
                        .as("without %s", bare)
                        .hasMessageContaining("permission denied");
                database.execute(bare);
                tried++;
            }
        }
        assertThat(tried).isEqualTo(4);
    }

    @Test
    void aMatcherNeedsNoMoreThanTheGrantsOfThePage() throws Exception {
        createRoles();
        PGSimpleDataSource source = as("pgmatch_matcher");
        database.execute("INSERT INTO pgmatch.tasks (ref, expires_at) VALUES ('soon gone', now() - interval '1 s')");
        database.execute("INSERT INTO pgmatch.tasks (ref) VALUES ('a'), ('b'), ('c')");
        Pgmatch pgmatch = Pgmatch.on(source);

        try (Matcher matcher = Matcher.builder(source).build()) {
            matcher.start();
            matcher.awaitDrained();
            await("the expired task retired").until(() -> matcher.counts().expired() == 1);
        }
        // What a matcher does when it has long been idle, and once a minute.
        Database asMatcher = new Database(source);
        Sleepers.fallAsleep(asMatcher, "me");
        Sleepers.wake(asMatcher, "me");
        FoldTally.run(asMatcher, 100);

        assertThat(database.count("SELECT count(*) FROM pgmatch.matched_pairs")).isOne();
        assertThat(database.count("SELECT count(*) FROM pgmatch.task_tally")).isOne();
        assertThat(pgmatch.status(null)).hasSize(1);
        assertThat(pgmatch.tasks(null, 10)).hasSize(1);
        assertThat(pgmatch.audit(null)).allMatch(PoolAudit::isSafe);
    }

    @Test
    void aConsumerFollowsAndACancellerCancelsWithTheGrantsOfThePage() throws Exception {
        createRoles();
        makePair();
        database.execute("INSERT INTO pgmatch.tasks (ref) VALUES ('to be cancelled')");
        String id = database.query("SELECT id FROM pgmatch.tasks");

        Pgmatch consumer = Pgmatch.on(as("pgmatch_consumer"));
        consumer.requireSchema();
        List<Pair> pairs = new ArrayList<>();
        consumer.followPairs("default").poll(pairs::add);
        assertThat(pairs).hasSize(1);
        assertThat(consumer.pairOf(pairs.get(0).first().id())).isPresent();

        PGSimpleDataSource canceller = as("pgmatch_canceller");
        assertThat(query(canceller, "SELECT pgmatch.cancel('default', " + id + ")"))
                .isEqualTo("cancelled");
        assertThat(query(
                        canceller,
                        "SELECT pgmatch.cancel('default', "
                                + pairs.get(0).first().id() + ")"))
                .startsWith("matched with");
    }

    @Test
    void whatIsToBeWatchedCanBeAsked() throws Exception {
        makePair();
        database.execute("INSERT INTO pgmatch.tasks DEFAULT VALUES");

        List<String> blocks = blocks("What to watch");
        assertThat(blocks).hasSizeGreaterThan(4);
        blocks.forEach(database::execute);
    }

    @Test
    void theAuditHoldsAfterPairsWereDeletedAsThePageSays() throws Exception {
        makePair();
        database.execute("INSERT INTO pgmatch.tasks (ref) VALUES ('c')");
        database.execute("SELECT pgmatch.cancel('default', id) FROM pgmatch.tasks");
        database.execute("UPDATE pgmatch.matched_pairs SET matched_at = now() - interval '100 days'");
        database.execute("UPDATE pgmatch.retired_tasks SET retired_at = now() - interval '100 days'");

        blocks("Retention").forEach(database::execute);

        assertThat(database.count("SELECT count(*) FROM pgmatch.matched_pairs")).isZero();
        assertThat(database.count("SELECT count(*) FROM pgmatch.retired_tasks")).isZero();
        assertThat(Pgmatch.on(database.dataSource()).audit(null)).allMatch(PoolAudit::isSafe);
        FoldTally.run(database.database(), 100);
        assertThat(database.count("SELECT sum(inserted) FROM pgmatch.task_tally"))
                .isZero();
    }

    @Test
    void pairsOfAnotherClusterAreFollowedOnceTheirTransactionIsOneOfThisOne() throws Exception {
        makePair();
        database.execute("UPDATE pgmatch.matched_pairs SET transaction_id = txid_current() + 1000000000");
        Pgmatch pgmatch = Pgmatch.on(database.dataSource());
        List<Pair> pairs = new ArrayList<>();

        pgmatch.followPairs(null).poll(pairs::add);
        assertThat(pairs).as("hidden").isEmpty();
        blocks("Backups and restores").forEach(database::execute);
        pgmatch.followPairs(null).poll(pairs::add);
        assertThat(pairs).hasSize(1);
    }

    private void createRoles() throws IOException {
        blocks("Roles").forEach(database::execute);
        ROLES.forEach(role -> database.execute("ALTER ROLE " + role + " LOGIN"));
    }

    /** A user to whom both roles are granted that the page names for a buffer. */
    private PGSimpleDataSource asBulkProducer() {
        database.execute("CREATE ROLE pgmatch_test_loader LOGIN IN ROLE pgmatch_producer, pgmatch_bulk_producer");
        return as("pgmatch_test_loader");
    }

    private static NewTask task(@Nullable String ref) {
        return new NewTask("default", ref, "{}", null);
    }

    private void makePair() throws InterruptedException {
        database.execute("INSERT INTO pgmatch.tasks (ref) VALUES ('a'), ('b')");
        try (Matcher matcher = Matcher.builder(database.dataSource()).build()) {
            matcher.start();
            matcher.awaitDrained();
        }
        assertThat(database.count("SELECT count(*) FROM pgmatch.matched_pairs")).isOne();
    }

    private void insertAsProducer(String sql) throws SQLException {
        try (Connection connection = as("pgmatch_producer").getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(PGSimpleDataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** Connections to the test's database by another role; the server asks for no password. */
    private PGSimpleDataSource as(String role) {
        URI url = URI.create(database.url());
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {url.getHost()});
        source.setPortNumbers(new int[] {url.getPort()});
        source.setDatabaseName(url.getPath().substring(1));
        source.setUser(role);
        return source;
    }

    /** The SQL under a heading of the page. */
    private static List<String> blocks(String heading) throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf("\n## " + heading + "\n");
        assertThat(start).as("the heading " + heading).isNotNegative();
        int end = page.indexOf("\n## ", start + 1);
        List<String> blocks = new ArrayList<>();
        var found = BLOCK.matcher(page.substring(start, end < 0 ? page.length() : end));
        while (found.find()) {
            blocks.add(found.group(1));
        }
        assertThat(blocks).as("the SQL under " + heading).isNotEmpty();
        return blocks;
    }
}
