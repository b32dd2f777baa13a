package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.rule.Rule;
import io.pgmatch.store.Database;
import io.pgmatch.store.PoolRows;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Transaction;
import io.pgmatch.testing.Interceptor;
import io.pgmatch.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** L2: those whom nobody fits cost those who have a partner nothing. */
final class UnmatchableHeadTest {
    private static final int HEAD = 100_000;
    private static final int BATCH = 4_000;
    private static final int ROUNDS_MAX = 1_000;

    /** Index entries that a search in a large index may touch more than in a small one. */
    private static final long READS_MORE_MAX = 100;

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    private record Cost(List<String> statements, long rowsRead) {}

    @Test
    void aPairBehindAHundredThousandThatFitNobodyIsFoundAsIfTheyWereNotThere() {
        createPool("crowded");
        createPool("empty");
        // A snapshot of autovacuum's would keep the dead index entries of the head alive.
        database.execute("ALTER TABLE pgmatch.tasks SET (autovacuum_enabled = false)");
        database.execute("""
                INSERT INTO pgmatch.tasks (pool, attributes)
                SELECT 'crowded', jsonb_build_object('key', n) FROM generate_series(1, %d) AS n
                """.formatted(HEAD));
        Interceptor interceptor = new Interceptor(database.dataSource());
        Round round = new Round("one", BATCH, RoundSettings.defaults(), new Rules());
        Database intercepted = new Database(interceptor.dataSource());
        searchAll(intercepted, round, "crowded");
        searchAll(intercepted, round, "empty");
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks WHERE search_at = 'infinity'"))
                .as("the head has been searched for, in vain")
                .isEqualTo(HEAD);

        Cost empty = costOfAPair(interceptor, intercepted, round, "empty");
        Cost crowded = costOfAPair(interceptor, intercepted, round, "crowded");

        assertThat(crowded.statements()).containsExactlyElementsOf(empty.statements());
        assertThat(crowded.rowsRead()).isBetween(empty.rowsRead(), empty.rowsRead() + READS_MORE_MAX);
    }

    private void createPool(String pool) {
        Rule rule = Rule.parse("""
                {"attributes": {"key": {"type": "number"}}, "match": [{"equal": ["key"]}]}""");
        PoolRows.create(database.database(), pool, rule.source(), rule.compiled());
    }

    private static void searchAll(Database intercepted, Round round, String pool) {
        ClaimMark mark = new ClaimMark(new ClaimFront());
        for (int i = 0; i < ROUNDS_MAX; i++) {
            Round.Outcome outcome = run(intercepted, round, pool, mark);
            if (outcome.claimed() == 0) {
                return;
            }
        }
        throw new AssertionError("not at rest after " + ROUNDS_MAX + " rounds");
    }

    /** What it takes to pair two newcomers, once the two are there. */
    private Cost costOfAPair(Interceptor interceptor, Database intercepted, Round round, String pool) {
        database.execute("""
                INSERT INTO pgmatch.tasks (pool, attributes)
                SELECT '%s', '{"key": 0}' FROM generate_series(1, 2)
                """.formatted(pool));
        long readBefore = rowsReadOfTasks();
        interceptor.forget();
        assertThat(run(intercepted, round, pool, new ClaimMark(new ClaimFront()))
                        .pairs())
                .isEqualTo(1);
        return new Cost(interceptor.statements(), rowsReadOfTasks() - readBefore);
    }

    private static Round.Outcome run(Database intercepted, Round round, String pool, ClaimMark from) {
        try (Transaction transaction = intercepted.begin()) {
            return round.run(transaction, pool, from);
        }
    }

    /** Sessions report what they have read when they end, so they are made to end first. */
    private long rowsReadOfTasks() {
        HikariDataSource pool = (HikariDataSource) database.dataSource();
        pool.getHikariPoolMXBean().softEvictConnections();
        await("the other sessions have ended").until(() -> database.count("""
                        SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND backend_type = 'client backend'
                        """) == 1);
        return database.count("""
                SELECT sum(idx_tup_read) + (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'tasks')
                FROM pg_stat_user_indexes WHERE relname = 'tasks'
                """);
    }
}
