package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.Matcher;
import io.pgmatch.Pgmatch;
import io.pgmatch.model.PoolAudit;
import io.pgmatch.rule.Rule;
import io.pgmatch.store.BacklogPermits;
import io.pgmatch.store.PoolRows;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Transaction;
import io.pgmatch.testing.Interceptor;
import io.pgmatch.testing.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A backlog of which others hold all permits. */
@Timeout(120)
final class BacklogTest {
    private static final String POOL = "default";
    private static final int TASKS = 2_000;

    /** As many as a round claims before it knows of a backlog. */
    private static final int FIRST = 500;

    /** With those before, more than the two blocks by which a look knows a backlog. */
    private static final int MUCH = 8_000;

    private static final String CLAIM = "(t.search_at, t.id) >=";
    private static final String PERMIT = "# p.number";

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    private final AtomicLong nanos = new AtomicLong();
    private final ClaimMark mark = new ClaimMark(new ClaimFront(nanos::get));

    /** One at a time in a backlog. */
    private final Round round = new Round("kept out", 40_000, RoundSettings.defaults(), new Rules());

    @BeforeEach
    void insertBacklog() {
        insert(TASKS);
    }

    @Test
    void aRoundLeavesItToThemOnceItHasSeenItAndComesBackWhenTheyHaveEnded() {
        try (Transaction other = database.database().begin()) {
            BacklogPermits.take(other, POOL, 1);

            assertThat(run()).isEqualTo(new Round.Outcome(FIRST, FIRST / 2, 0, 0, true, List.of()));
            assertThat(run()).isEqualTo(Round.Outcome.KEPT_OUT);
        }
        assertThat(run().claimed()).isEqualTo(TASKS - FIRST);
        assertThat(pairs()).isEqualTo(TASKS / 2);
    }

    @Test
    void aRoundThatIsKeptOutStillKnowsOfItHoweverLongItTakes() {
        try (Transaction other = database.database().begin()) {
            BacklogPermits.take(other, POOL, 1);
            run();
            for (int i = 0; i < 3; i++) {
                nanos.addAndGet(ClaimFront.BACKLOG_REMEMBERED.toNanos() - 1);

                assertThat(run())
                        .as("it would take tasks that they are working on, unlocked")
                        .isEqualTo(Round.Outcome.KEPT_OUT);
            }
        }
    }

    /** They are past these by then: fresh, nobody would look at them before some front starts over. */
    @Test
    void whatSuchARoundHasClaimedAndCannotPairWaitsToBeFoundByThem() {
        Rule rule = Rule.parse("""
                {"attributes": {"key": {"type": "number"}}, "match": [{"equal": "key"}]}""");
        PoolRows.create(database.database(), "keys", rule.source(), rule.compiled());
        database.execute("""
                INSERT INTO pgmatch.tasks (pool, attributes)
                SELECT 'keys', jsonb_build_object('key', n %% %1$d) FROM generate_series(1, 2 * %1$d) AS n
                """.formatted(FIRST));
        try (Transaction other = database.database().begin();
                Transaction transaction = database.database().begin()) {
            BacklogPermits.take(other, "keys", 1);

            assertThat(round.run(transaction, "keys", mark))
                    .isEqualTo(new Round.Outcome(FIRST, 0, 0, 0, true, List.of()));
        }
        assertThat(database.count("""
                        SELECT count(*) FROM pgmatch.tasks
                        WHERE pool = 'keys' AND search_at > '-infinity' AND search_at < 'infinity'
                        """)).isEqualTo(FIRST);
    }

    @Test
    void aMatcherThatSawItClaimsNothingWhileOthersDrainIt() throws InterruptedException {
        insert(MUCH);
        Interceptor interceptor = new Interceptor(database.dataSource());
        try (Matcher matcher =
                Matcher.builder(interceptor.dataSource()).backlogRounds(1).build()) {
            try (Transaction other = database.database().begin()) {
                BacklogPermits.take(other, POOL, 1);
                matcher.start();
                Awaitility.await("it asks for a permit")
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> interceptor.count(PERMIT) > 0);
                assertThat(interceptor.count(CLAIM)).isZero();
            }
            matcher.awaitDrained();
        }
        assertThat(pairs()).isEqualTo((TASKS + MUCH) / 2);
    }

    @Test
    void whatAWorkerHadLeftForItsNextRoundIsLeftToThemToo() {
        mark.leave(List.of(database.count("SELECT min(id) FROM pgmatch.tasks")));
        mark.front().noteBacklog(true);
        try (Transaction other = database.database().begin()) {
            BacklogPermits.take(other, POOL, 1);

            assertThat(run()).isEqualTo(Round.Outcome.KEPT_OUT);
            assertThat(mark.left()).as("what only this worker knows of").isEmpty();
        }
    }

    @Test
    void otherPoolsDoNotWaitForAWorkerThatIsKeptOut() throws InterruptedException {
        Agenda agenda = new Agenda();
        agenda.add(List.of("kept out", "other"));
        Map<String, Long> notBefore = Map.of("kept out", Long.MAX_VALUE / 2 + System.nanoTime());

        assertThat(agenda.next(notBefore)).isEqualTo("other");
        assertThat(agenda.next(notBefore)).isEqualTo("other");
        assertThat(agenda.next(Map.of()))
                .as("another worker of this matcher may have a permit")
                .isEqualTo("kept out");
    }

    @Test
    void aMatcherThatWasKeptOutEndsWhatTheyLeave() throws InterruptedException {
        try (Matcher matcher =
                Matcher.builder(database.dataSource()).backlogRounds(1).build()) {
            try (Transaction other = database.database().begin()) {
                BacklogPermits.take(other, POOL, 1);
                matcher.start();
                Awaitility.await("its first pairs")
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> pairs() > 0);
            }
            matcher.awaitDrained();
        }
        assertThat(pairs()).isEqualTo(TASKS / 2);
        assertThat(Pgmatch.on(database.dataSource()).audit(null))
                .allMatch(PoolAudit::isSafe)
                .allMatch(PoolAudit::isAtRest);
    }

    private void insert(int tasks) {
        database.execute(
                "INSERT INTO pgmatch.tasks (pool) SELECT '%s' FROM generate_series(1, %d)".formatted(POOL, tasks));
    }

    private Round.Outcome run() {
        try (Transaction transaction = database.database().begin()) {
            return round.run(transaction, POOL, mark);
        }
    }

    private long pairs() {
        return database.count("SELECT count(*) FROM pgmatch.matched_pairs");
    }
}
