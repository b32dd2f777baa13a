package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.rule.Rule;
import io.pgmatch.store.Database;
import io.pgmatch.store.FindWork;
import io.pgmatch.store.PoolRows;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Transaction;
import io.pgmatch.testing.ReadCounter;
import io.pgmatch.testing.ReadCounter.Reads;
import io.pgmatch.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What tasks that sleep until their rule changes cost those who are awake, by the rows and pages that
 * are read, and when they wake. {@code -Dpgmatch.sleepers=1000000} has a million of them sleep.
 */
class SleepersTest {
    private static final Logger LOG = LoggerFactory.getLogger(SleepersTest.class);

    /** More than the few rows that a search reads by its preference before it turns to the ranks. */
    private static final int FEW = 100;

    private static final int SLEEPERS = Integer.getInteger("pgmatch.sleepers", 20_000);
    private static final int BATCH = 10_000;
    private static final int WAKING = 10;
    private static final Duration CHANGES_AFTER = Duration.ofSeconds(5);

    private static final String RULE = """
            {"attributes": {"k": {"type": "number"}},
             "match": [{"distance": "k", "max": 1, "widen": {"every": "5s", "by": 1, "limit": 3}}]}""";

    @RegisterExtension
    private final TestDatabase database = new TestDatabase();

    private final Round round = new Round("sleepers", BATCH, RoundSettings.defaults(), new Rules());
    private Instant start;

    @BeforeEach
    void createPool() {
        Rule rule = Rule.parse(RULE);
        PoolRows.create(database.database(), "p", rule.source(), rule.compiled());
        // A look for work goes by the server's clock: by that one, too, they are asleep.
        start = Instant.ofEpochSecond(
                database.count("SELECT floor(extract(epoch FROM now() + interval '1 day'))::bigint"));
    }

    @Test
    void sleepersCostNothingHoweverManyTheyAreAndWakeEachAtItsTime() {
        Reads empty = costOfALook();
        putToSleep(0, FEW);
        Cost few = costOfALookAndAPair();
        putToSleep(FEW, SLEEPERS);
        Cost many = costOfALookAndAPair();
        LOG.info("read among {} sleepers: {}; among {}: {}", FEW, few, SLEEPERS, many);

        // The one that wakes first says how long to wait.
        assertThat(many.look().rows()).isLessThanOrEqualTo(empty.rows() + 1);
        assertThat(few.round().rows()).isPositive();
        assertThat(many.round().rows()).isLessThanOrEqualTo(few.round().rows());
        // An index on many is some pages deeper.
        assertThat(many.look().pages())
                .isPositive()
                .isLessThanOrEqualTo(2 * few.look().pages());
        assertThat(many.round().pages())
                .isPositive()
                .isLessThanOrEqualTo(2 * few.round().pages());

        assertWakingOneByOne();
    }

    /** What was read of tasks by a look for work, and by the round that pairs two newcomers. */
    private record Cost(Reads look, Reads round) {}

    private Cost costOfALookAndAPair() {
        Reads look = costOfALook();
        database.execute("INSERT INTO pgmatch.tasks (pool, attributes, inserted_at) VALUES ('p', '{\"k\": 1}', '"
                + start + "'), ('p', '{\"k\": 2}', '" + start + "')");
        ReadCounter pairing = new ReadCounter(database);
        assertThat(run(new Database(pairing.dataSource()), start).pairs()).isEqualTo(1);
        return new Cost(look, pairing.reads());
    }

    private Reads costOfALook() {
        // What sleepers cost is asked, not what the dead rows cost that autovacuum has yet to remove.
        database.execute("VACUUM ANALYZE pgmatch.tasks");
        ReadCounter looking = new ReadCounter(database);
        FindWork.Work work = FindWork.run(new Database(looking.dataSource()), null, new String[0], false);
        assertThat(work.duePools()).isEmpty();
        return looking.reads();
    }

    /** In the bucket of the newcomers, too far from one another and from them; each since a time of its own. */
    private void putToSleep(int from, int to) {
        database.execute("""
                INSERT INTO pgmatch.tasks (pool, attributes, inserted_at)
                SELECT 'p', jsonb_build_object('k', 1000 + 100 * n), '%s'::timestamptz + n * interval '1 microsecond'
                FROM generate_series(%d, %d) AS n
                """.formatted(start, from, to - 1));
        Instant soon = start.plusSeconds(2);
        int parked = 0;
        for (Round.Outcome outcome = run(soon); outcome.claimed() > 0; outcome = run(soon)) {
            assertThat(outcome.pairs()).isZero();
            parked += outcome.parked();
        }
        assertThat(parked).isEqualTo(to - from);
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks WHERE search_at = inserted_at + interval '"
                        + CHANGES_AFTER.toSeconds() + " seconds'"))
                .isEqualTo(to);
    }

    /** The first few, a microsecond after one another: none before its time, each once and no other with it. */
    private void assertWakingOneByOne() {
        Instant first = start.plus(CHANGES_AFTER);
        assertThat(run(first.minusNanos(1_000)).claimed()).isZero();
        for (int i = 0; i < WAKING; i++) {
            Instant wakes = first.plusNanos(i * 1_000L);
            assertThat(run(wakes).claimed()).isEqualTo(1);
            assertThat(database.query("SELECT attributes ->> 'k' FROM pgmatch.tasks WHERE search_at = '"
                            + wakes.plus(CHANGES_AFTER) + "'"))
                    .isEqualTo(Integer.toString(1000 + 100 * i));
        }
    }

    private Round.Outcome run(Instant now) {
        return run(database.database(), now);
    }

    private Round.Outcome run(Database source, Instant now) {
        try (Transaction transaction = source.begin()) {
            return round.run(transaction, "p", new ClaimMark(new ClaimFront()), now);
        }
    }
}
