package io.pgmatch.matching;

import static io.pgmatch.testing.Interceptor.COMMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgmatch.model.CancelAnswer;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.PoolAudit;
import io.pgmatch.model.TaskNeeds;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.Rule;
import io.pgmatch.store.CancelTask;
import io.pgmatch.store.ClaimTasks;
import io.pgmatch.store.PoolRows;
import io.pgmatch.store.Transaction;
import io.pgmatch.testing.Interceptor.Stop;
import io.pgmatch.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * L1 and L4 where they are hardest: rounds, producers and cancels that meet at the worst moment. Each
 * moment is brought about by stopping a round at a statement, or by a session that holds a lock or an
 * open transaction.
 */
final class InterleavingTest {
    private static final String POOL = "meeting";

    /** Fragments by which the statements of a round are told apart. */
    private static final String CLAIM = "(t.search_at, t.id) >=";

    private static final String SEARCH = "WITH ORDINALITY";
    private static final String TAKE = "t.id = ANY";
    private static final String RECORD = "INSERT INTO pgmatch.matched_pairs";
    private static final String PARK = "UPDATE pgmatch.tasks";

    private static final long DEADLINE_SECONDS = 30;

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Party> parties = new ArrayList<>();

    @BeforeEach
    void createPool() {
        Rule rule = Rule.parse("""
                {"attributes": {"key": {"type": "text"}}, "match": [{"equal": ["key"]}]}""");
        PoolRows.create(database.database(), POOL, rule.source(), rule.compiled());
    }

    @AfterEach
    void endThreads() throws InterruptedException {
        parties.forEach(party -> party.interceptor.releaseAll());
        threads.shutdown();
        assertThat(threads.awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest(name = "tasks {0}")
    @ValueSource(strings = {"fresh", "due again"})
    void workersThatHoldEachOthersPartnerBackOffAndThePairIsMadeAfterwards(String state) throws Exception {
        long first = insert("x");
        long second = insert("x");
        if (state.equals("due again")) {
            database.execute("UPDATE pgmatch.tasks SET search_at = now() - interval '1 minute'");
        }
        Party one = party(1);
        Party other = party(1);
        Stop oneHasClaimed = one.interceptor.stopAfter(CLAIM);
        Stop otherHasClaimed = other.interceptor.stopAfter(CLAIM);
        Stop onePauses = one.interceptor.stopBefore(PARK);
        Stop otherPauses = other.interceptor.stopBefore(PARK);

        Future<Round.Outcome> oneRound = one.start();
        oneHasClaimed.awaitReached();
        Future<Round.Outcome> otherRound = other.start();
        otherHasClaimed.awaitReached();
        oneHasClaimed.release();
        onePauses.awaitReached();
        otherHasClaimed.release();
        otherPauses.awaitReached();
        onePauses.release();
        otherPauses.release();

        for (Round.Outcome outcome : List.of(get(oneRound), get(otherRound))) {
            assertThat(outcome.claimed()).isEqualTo(1);
            assertThat(outcome.pairs()).isZero();
            assertThat(outcome.parked()).as("neither is parked").isZero();
        }
        assertThat(database.stateOf(first)).isEqualTo("backs off");
        assertThat(database.stateOf(second)).isEqualTo("backs off");
        awaitPairs(one, first + "-" + second);
    }

    @Test
    void roundsThatMeetInOnePoolShareItsTasksAndWaitForNobody() throws Exception {
        List<Long> tasks = insert("x", 6);
        Party one = party(2);
        Party other = party(10);
        Stop oneCommits = one.interceptor.stopBefore(COMMIT);

        Future<Round.Outcome> oneRound = one.start();
        oneCommits.awaitReached();
        Round.Outcome otherOutcome = other.run();
        oneCommits.release();

        assertThat(otherOutcome.claimed()).isEqualTo(4);
        assertThat(otherOutcome.pairs()).isEqualTo(2);
        assertThat(get(oneRound).pairs()).isEqualTo(1);
        assertThat(database.pairs())
                .containsExactly(
                        tasks.get(0) + "-" + tasks.get(1),
                        tasks.get(2) + "-" + tasks.get(3),
                        tasks.get(4) + "-" + tasks.get(5));
    }

    @ParameterizedTest(name = "{0} partners held")
    @ValueSource(ints = {1, 7})
    void partnersThatAreHeldArePassedOverForTheNextOne(int held) throws Exception {
        long seeker = insert("x");
        List<Long> partners = insert("x", held);
        long free = insert("x");
        Party party = party(1);
        try (Connection holder = lock(partners)) {
            Round.Outcome outcome = party.run();

            assertThat(outcome.pairs()).isEqualTo(1);
            assertThat(database.pairs()).containsExactly(seeker + "-" + free);
            holder.rollback();
        }
    }

    @Test
    void aHolderOfThousandsDoesNotKeepTheOthersApart() throws Exception {
        long seeker = insert("x");
        List<Long> partners = insert("x", 3_000);
        long free = insert("x");
        Party party = party(1);
        try (Connection holder = lock(partners)) {
            await("the two that nobody holds are paired").until(() -> {
                party.run();
                return database.pairs().equals(List.of(seeker + "-" + free));
            });
            assertThat(database.count("SELECT count(*) FROM pgmatch.tasks WHERE search_at = '-infinity'"))
                    .as("the others are left to their holder")
                    .isEqualTo(partners.size());
            holder.rollback();
        }
    }

    @Test
    void aTaskWhosePartnersAreAllHeldIsNotParked() throws Exception {
        long seeker = insert("x");
        List<Long> partners = insert("x", 3);
        Party party = party(1);
        try (Connection holder = lock(partners)) {
            Round.Outcome outcome = party.run();

            assertThat(outcome.pairs()).isZero();
            assertThat(outcome.parked()).isZero();
            assertThat(database.stateOf(seeker)).isEqualTo("backs off");
            holder.rollback();
        }
        awaitRest(party);
        assertThat(database.pairs()).hasSize(2);
    }

    @Test
    void aLowerIdThatCommitsAfterAHigherOneWasParkedIsPairedWithIt() throws Exception {
        Party party = party(10);
        try (Connection producer = begin()) {
            long lower = insert(producer, "x");
            long higher = insert("x");
            assertThat(party.run().parked()).isEqualTo(1);
            assertThat(database.stateOf(higher)).isEqualTo("parked");
            producer.commit();

            Round.Outcome outcome = party.run();

            assertThat(outcome.claimed()).isEqualTo(1);
            assertThat(database.pairs()).containsExactly(lower + "-" + higher);
        }
    }

    @Test
    void aLowerIdThatCommitsBelowTheClaimMarkKeepsItsPartnerFromBeingParked() throws Exception {
        Party party = party(1);
        try (Connection producer = begin()) {
            long lower = insert(producer, "x");
            insert("lonely");
            ClaimMark mark = new ClaimMark(new ClaimFront());
            party.run(mark);
            assertThat(mark.front().place().isStart()).isFalse();
            producer.commit();
            long higher = insert("x");

            Round.Outcome outcome = party.run(mark);

            assertThat(outcome.claimed()).as("the higher id, past the mark").isEqualTo(1);
            assertThat(outcome.parked()).isZero();
            assertThat(database.stateOf(higher)).isEqualTo("backs off");
            assertThat(database.stateOf(lower)).isEqualTo("fresh");
            awaitPairs(party, lower + "-" + higher);
        }
    }

    @Test
    void aFrontThatStartsOverWhileARoundClaimsDoesNotHaveItClaimItsOwnTasksAgain() throws Exception {
        List<Long> tasks = insert("x", 10);
        Party party = party(10, 2);
        ClaimMark mark = new ClaimMark(new ClaimFront());
        Stop searches = party.interceptor.stopBefore(SEARCH);

        Future<Round.Outcome> round = party.start(mark);
        searches.awaitReached();
        mark.front().startOver();
        searches.release();

        assertThat(get(round).claimed()).isEqualTo(10);
        assertThat(database.pairs()).hasSize(5).startsWith(tasks.get(0) + "-" + tasks.get(1));
    }

    @Test
    void aWorkerThatNeverRunsOutOfFreshTasksLooksBelowItsMarkNowAndThen() throws Exception {
        int roundsBefore = 4;
        AtomicLong nanos = new AtomicLong();
        Party party = party(1);
        Agenda agenda = new Agenda();
        agenda.add(List.of(POOL));
        ClaimFronts fronts = new ClaimFronts(nanos::get);
        Worker worker = new Worker(party.intercepted, party.round, fronts, agenda, new Outage(), new Counters());
        try (Connection producer = begin()) {
            long lower = insert(producer, "lonely");
            List<Long> others = new ArrayList<>();
            for (int i = 0; i < 3 * roundsBefore; i++) {
                others.add(insert("lonely " + i));
            }
            Stop early = party.interceptor.stopBefore(CLAIM, roundsBefore + 1);
            Stop late = party.interceptor.stopBefore(CLAIM, roundsBefore + 3);
            Future<?> work = threads.submit(worker);
            early.awaitReached();
            producer.commit();
            nanos.addAndGet(ClaimFront.START_OVER_AFTER.toNanos());
            early.release();
            late.awaitReached();

            assertThat(database.stateOf(lower)).isEqualTo("parked");
            assertThat(database.stateOf(others.get(others.size() - 1)))
                    .as("the worker has not run out of tasks")
                    .isEqualTo("fresh");
            agenda.stop();
            late.release();
            work.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void inABacklogARoundClaimsInBlocksOfIdsThatNobodyElseClaimsIn() throws Exception {
        int blockIds = 4096;
        database.query("SELECT setval('pgmatch.tasks_id_seq', " + blockIds + ", false)");
        List<Long> theirs = insert("x", 150);
        database.query("SELECT setval('pgmatch.tasks_id_seq', " + 2 * blockIds + ", false)");
        List<Long> ours = insert("x", 151);
        long lonely = insert("lonely");
        Party party = party(20_000, 100);
        ClaimMark mark = new ClaimMark(new ClaimFront(() -> 0));
        try (Transaction other = database.database().begin()) {
            TaskNeeds needs = new TaskNeeds(false, false, false);
            ClaimTasks.Claim theirClaim = new ClaimTasks(other, POOL, Instant.now(), 1, needs)
                    .inBlocks(Long.MIN_VALUE, 10, true, Runnable::run)
                    .result();
            assertThat(theirClaim.tasks()).extracting(WaitingTask::id).isEqualTo(theirs.subList(0, 10));

            Round.Outcome first = party.run(mark);

            assertThat(first.claimed())
                    .as("100 before it knew that there are many, then all in the other block")
                    .isEqualTo(252);
            assertThat(database.count("SELECT count(*) FROM pgmatch.tasks WHERE id < " + 2 * blockIds))
                    .as("the rest of their block is left to them")
                    .isEqualTo(50);
            assertThat(database.stateOf(ours.get(ours.size() - 1))).isEqualTo("backs off");
            assertThat(database.stateOf(lonely))
                    .as("while others claim there is no last look")
                    .isEqualTo("backs off");
        }
        awaitRest(party);
        assertThat(database.pairs()).hasSize(150);
        assertThat(database.stateOf(lonely)).isEqualTo("parked");
    }

    @Test
    void anOptimisticRoundIsLostIfATaskThatItClaimedIsCancelled() throws Exception {
        List<Long> tasks = insert("x", 4);
        StoppedRound round = new StoppedRound(RECORD);

        assertThat(cancel(tasks.get(1)))
                .as("it is not locked, so nobody has to be waited for")
                .isEqualTo(new CancelAnswer.Cancelled());
        assertThat(round.end()).isEqualTo(new Round.Outcome(4, 0, 0, 1, false, List.of()));
        assertThat(database.pairs()).isEmpty();
        assertThat(round.mark.front().isUndisturbed()).isFalse();
        awaitRest(round.party);
        assertThat(database.pairs()).containsExactly(tasks.get(0) + "-" + tasks.get(2));
    }

    @ParameterizedTest(name = "before: {0}")
    @ValueSource(strings = {RECORD, PARK})
    void anOptimisticRoundIsLostIfATaskThatItClaimedIsDerivedAnew(String statement) throws Exception {
        // Two that are paired, or one that is parked: by a rule that is not in force for it any more.
        long task = insert("x");
        if (statement.equals(RECORD)) {
            insert("x");
        }
        StoppedRound round = new StoppedRound(statement);
        try (Connection deriving = database.connect();
                Statement sql = deriving.createStatement()) {
            sql.execute("SET session_replication_role = replica");
            sql.execute("UPDATE pgmatch.tasks SET rule_version = 2 WHERE id = " + task);
        }
        assertThat(round.end().contended()).isEqualTo(1);
        assertThat(database.pairs()).isEmpty();
        assertThat(database.stateOf(task)).isEqualTo("fresh");
    }

    @Test
    void anOptimisticRoundIsLostIfATaskThatItClaimedHasExpired() throws Exception {
        List<Long> tasks = insert("x", 2);
        StoppedRound round = new StoppedRound(RECORD);
        database.execute("UPDATE pgmatch.tasks SET expires_at = now() - interval '1 day' WHERE id = " + tasks.get(0));
        assertThat(round.end().contended()).isEqualTo(1);
        assertThat(database.pairs()).isEmpty();
    }

    @Test
    void anOptimisticRoundWaitsForNobodyAndTheNextOnePassesOverWhatIsHeld() throws Exception {
        List<Long> tasks = insert("x", 5);
        StoppedRound round = new StoppedRound(RECORD);
        try (Connection holder = lock(tasks.subList(0, 1))) {
            assertThat(round.end().contended()).isEqualTo(1);
            assertThat(database.pairs()).isEmpty();

            Round.Outcome next = round.party.run(round.mark);

            assertThat(next.claimed()).isEqualTo(4);
            assertThat(next.pairs()).isEqualTo(2);
            assertThat(database.stateOf(tasks.get(0))).isEqualTo("fresh");
            holder.rollback();
        }
        awaitRest(round.party);
    }

    @Test
    void optimisticRoundsDoNotClaimInTheSameBlock() throws Exception {
        List<Long> tasks = insert("x", 4);
        Party one = partyOfMany();
        Party other = partyOfMany();
        ClaimMark mark = markInABacklog();
        Stop oneRecords = one.interceptor.stopBefore(RECORD);
        Future<Round.Outcome> oneRound = one.start(mark);
        oneRecords.awaitReached();

        assertThat(other.run(markInABacklog()).claimed()).isZero();
        oneRecords.release();

        assertThat(get(oneRound).pairs()).isEqualTo(2);
        assertThat(database.pairs()).hasSize(2).startsWith(tasks.get(0) + "-" + tasks.get(1));
    }

    @Test
    void anOptimisticClaimPassesOverWhatIsHeld() throws Exception {
        List<Long> tasks = insert("x", 5);
        Party party = partyOfMany();
        try (Connection holder = lock(tasks.subList(0, 1))) {
            assertThat(party.run(markInABacklog()).pairs()).isEqualTo(2);
            holder.rollback();
        }
        awaitRest(party);
    }

    private static ClaimMark markInABacklog() {
        ClaimFront front = new ClaimFront();
        front.noteBacklog(true);
        return new ClaimMark(front);
    }

    private Party partyOfMany() {
        return party(20_000);
    }

    @Test
    void aRoundOfManyFindsAllWhoWait() {
        int keys = 150;
        Party party = party(2 * keys);
        for (int i = 0; i < keys; i++) {
            insert("x" + i);
        }
        assertThat(party.run().parked()).isEqualTo(keys);
        for (int i = 0; i < keys; i++) {
            insert("x" + i);
        }

        assertThat(party.run().pairs()).isEqualTo(keys);
    }

    @ParameterizedTest(name = "the newcomer has the {0} id")
    @ValueSource(strings = {"higher", "lower"})
    void aNewcomerBetweenASearchAndItsParkingSeesTheTaskAndBacksOff(String id) throws Exception {
        Party party = party(1);
        Party newcomers = party(1);
        try (Connection producer = begin()) {
            boolean isLower = id.equals("lower");
            long drawnFirst = isLower ? insert(producer, "x") : insert("x");
            long drawnLast = isLower ? insert("x") : insert(producer, "x");
            Stop parks = party.interceptor.stopBefore(PARK);
            Future<Round.Outcome> round = party.start();
            parks.awaitReached();
            producer.commit();

            Round.Outcome newcomersRound = newcomers.run();
            parks.release();

            assertThat(get(round).parked()).as("its search saw nobody").isEqualTo(1);
            assertThat(newcomersRound.claimed()).isEqualTo(1);
            assertThat(newcomersRound.parked()).isZero();
            awaitPairs(party, drawnFirst + "-" + drawnLast);
        }
    }

    @Test
    void aNewcomerThatIsClaimedAfterTheParkingIsPairedAtOnce() throws Exception {
        long waiting = insert("x");
        Party party = party(1);
        Stop parks = party.interceptor.stopBefore(PARK);
        Future<Round.Outcome> round = party.start();
        parks.awaitReached();
        long newcomer = insert("x");
        parks.release();
        assertThat(get(round).parked()).isEqualTo(1);

        assertThat(party.run().pairs()).isEqualTo(1);
        assertThat(database.pairs()).containsExactly(waiting + "-" + newcomer);
    }

    @Test
    void aNewcomerBetweenTheSearchAndTheLastLookKeepsTheTaskFromBeingParked() throws Exception {
        long waiting = insert("x");
        Party party = party(1);
        Stop looksAgain = party.interceptor.stopBefore(SEARCH, 3);
        Future<Round.Outcome> round = party.start();
        looksAgain.awaitReached();
        long newcomer = insert("x");
        looksAgain.release();

        assertThat(get(round).parked()).isZero();
        assertThat(database.stateOf(waiting)).isEqualTo("backs off");
        awaitPairs(party, waiting + "-" + newcomer);
    }

    @Test
    void aPartnerThatLeavesBetweenTheSearchAndTheTakeCostsNothingButItself() throws Exception {
        long leaving = insert("x");
        long staying = insert("x");
        database.execute("UPDATE pgmatch.tasks SET search_at = 'infinity'");
        long seeker = insert("x");
        Party party = party(1);
        Stop takes = party.interceptor.stopBefore(TAKE);
        Future<Round.Outcome> round = party.start();
        takes.awaitReached();
        assertThat(cancel(leaving)).isEqualTo(new CancelAnswer.Cancelled());
        takes.release();

        Round.Outcome outcome = get(round);
        assertThat(outcome.pairs()).isEqualTo(1);
        assertThat(outcome.contended()).isEqualTo(1);
        assertThat(database.pairs()).containsExactly(staying + "-" + seeker);
    }

    @Test
    void aCancelWaitsForTheMatchInFlightAndNamesThePartner() throws Exception {
        long first = insert("x");
        long second = insert("x");
        Party party = party(1);
        Stop commits = party.interceptor.stopBefore(COMMIT);
        Future<Round.Outcome> round = party.start();
        commits.awaitReached();

        Future<CancelAnswer> cancelFirst = threads.submit(() -> cancel(first));
        Future<CancelAnswer> cancelSecond = threads.submit(() -> cancel(second));
        awaitSessionsThatWaitForLocks(2);
        commits.release();

        assertThat(get(round).pairs()).isEqualTo(1);
        assertThat(get(cancelFirst)).isEqualTo(new CancelAnswer.Matched(second));
        assertThat(get(cancelSecond)).isEqualTo(new CancelAnswer.Matched(first));
        assertThat(database.pairs()).containsExactly(first + "-" + second);
    }

    @Test
    void aCancelOfATaskThatARoundParksTakesItBack() throws Exception {
        long task = insert("x");
        Party party = party(1);
        Stop commits = party.interceptor.stopBefore(COMMIT);
        Future<Round.Outcome> round = party.start();
        commits.awaitReached();
        Future<CancelAnswer> cancelled = threads.submit(() -> cancel(task));
        awaitSessionsThatWaitForLocks(1);
        commits.release();

        assertThat(get(round).parked()).isEqualTo(1);
        assertThat(get(cancelled)).isEqualTo(new CancelAnswer.Cancelled());
        assertThat(database.queryAll("SELECT id FROM pgmatch.tasks")).isEmpty();
    }

    @Test
    void aCancelWinsWhenTheMatchInFlightDies() throws Exception {
        long first = insert("x");
        long second = insert("x");
        Party party = party(1);
        Stop commits = party.interceptor.stopBefore(COMMIT);
        Future<Round.Outcome> round = party.start();
        commits.awaitReached();
        assertThat(party.interceptor.count(RECORD)).isEqualTo(1);
        Future<CancelAnswer> cancelled = threads.submit(() -> cancel(first));
        awaitSessionsThatWaitForLocks(1);

        terminateTheOneThatIdlesInItsTransaction();
        assertThat(get(cancelled)).isEqualTo(new CancelAnswer.Cancelled());
        commits.release();

        assertThatThrownBy(() -> get(round)).hasRootCauseInstanceOf(SQLException.class);
        assertThat(database.pairs()).isEmpty();
        assertThat(database.stateOf(second)).isEqualTo("fresh");
    }

    @Test
    void aRoundSkipsATaskThatIsBeingCancelled() throws Exception {
        long cancelled = insert("x");
        long partner = insert("x");
        Party party = party(10);
        try (Connection canceller = begin()) {
            assertThat(query(canceller, "SELECT pgmatch.cancel('%s', %d)".formatted(POOL, cancelled)))
                    .isEqualTo("cancelled");

            Round.Outcome outcome = party.run();

            assertThat(outcome.claimed()).isEqualTo(1);
            assertThat(outcome.pairs()).isZero();
            assertThat(database.stateOf(partner))
                    .as("the cancel may yet be rolled back")
                    .isEqualTo("backs off");
            canceller.commit();
        }
        awaitRest(party);
        assertThat(database.pairs()).isEmpty();
        assertThat(database.stateOf(partner)).isEqualTo("parked");
    }

    @Test
    void aCancelThatIsRolledBackLeavesThePairToBeMade() throws Exception {
        long cancelled = insert("x");
        long partner = insert("x");
        Party party = party(10);
        try (Connection canceller = begin()) {
            query(canceller, "SELECT pgmatch.cancel('%s', %d)".formatted(POOL, cancelled));
            assertThat(party.run().parked()).isZero();
            canceller.rollback();
        }
        awaitPairs(party, cancelled + "-" + partner);
    }

    @ParameterizedTest(name = "before: {0}")
    @ValueSource(strings = {SEARCH, TAKE, RECORD, PARK, COMMIT})
    void aRoundWhoseConnectionDiesLeavesNothingHalfDone(String statement) throws Exception {
        long first = insert("x");
        long second = insert("x");
        long lonely = insert("lonely");
        // A claim of the first and the lonely one, so that the round takes, records and parks.
        database.execute("UPDATE pgmatch.tasks SET search_at = 'infinity' WHERE id = " + second);
        Party party = party(10);
        Stop stop = party.interceptor.stopBefore(statement);
        Future<Round.Outcome> round = party.start();
        stop.awaitReached();
        terminateTheOneThatIdlesInItsTransaction();
        stop.release();

        assertThatThrownBy(() -> get(round)).hasRootCauseInstanceOf(SQLException.class);
        assertThat(database.pairs()).isEmpty();
        assertThat(database.stateOf(first)).isEqualTo("fresh");
        assertThat(database.stateOf(lonely)).isEqualTo("fresh");
        assertThat(party.run().pairs()).isEqualTo(1);
        assertThat(database.pairs()).containsExactly(first + "-" + second);
    }

    @Test
    void aRoundThatDoesNotRecordAllItsPairsRollsBack() throws Exception {
        long first = insert("x");
        long second = insert("x");
        Party party = party(10);
        // Nobody can take a row from under a round; only a rule of the database's own could.
        database.execute("""
                CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER keep BEFORE INSERT ON pgmatch.matched_pairs FOR EACH ROW EXECUTE FUNCTION keep()
                """);

        assertThatThrownBy(party::run)
                .isInstanceOf(PgmatchException.class)
                .hasMessageContaining("wanted to record 1 pairs")
                .hasMessageContaining("recorded 0");
        assertThat(database.stateOf(first)).isEqualTo("fresh");
        assertThat(database.stateOf(second)).isEqualTo("fresh");
    }

    @Test
    void aPoolThatIsPausedBetweenTheLookAndTheRoundIsLeftAlone() throws Exception {
        long first = insert("x");
        long second = insert("x");
        Party party = party(10);
        PoolRows.pause(database.database(), POOL, true);

        assertThat(party.run()).isEqualTo(Round.Outcome.NOTHING);
        assertThat(party.interceptor.count(CLAIM)).isZero();
        PoolRows.pause(database.database(), POOL, false);
        awaitPairs(party, first + "-" + second);
    }

    /** An optimistic round that is stopped before a statement. */
    private final class StoppedRound {
        private final ClaimMark mark = markInABacklog();
        private final Party party = partyOfMany();
        private final Stop stop;
        private final Future<Round.Outcome> outcome;

        StoppedRound(String before) throws Exception {
            stop = party.interceptor.stopBefore(before);
            outcome = party.start(mark);
            stop.awaitReached();
        }

        /** Lets it go on to its end. */
        Round.Outcome end() throws Exception {
            stop.release();
            return get(outcome);
        }
    }

    private Party party(int batch) {
        return party(batch, batch);
    }

    /** Its rounds go step by step; BriefRoundTest has the others. */
    private Party party(int batch, int step) {
        Round.Bounds bounds = new Round.Bounds(batch, step, Round.CLAIMING_TIME, 2, 0);
        Party party = new Party(database, POOL, "party " + parties.size(), bounds, threads);
        parties.add(party);
        return party;
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private long insert(String key) {
        return insert(key, 1).get(0);
    }

    private List<Long> insert(String key, int count) {
        return database.queryAll("""
                        INSERT INTO pgmatch.tasks (pool, attributes)
                        SELECT '%s', '{"key": "%s"}' FROM generate_series(1, %d) RETURNING id
                        """.formatted(POOL, key, count)).stream()
                .map(Long::valueOf)
                .toList();
    }

    private static long insert(Connection session, String key) throws SQLException {
        return Long.parseLong(query(session, """
                INSERT INTO pgmatch.tasks (pool, attributes) VALUES ('%s', '{"key": "%s"}') RETURNING id
                """.formatted(POOL, key)));
    }

    private CancelAnswer cancel(long id) {
        return CancelTask.run(database.database(), POOL, id);
    }

    /** A session of the test's own, in a transaction that ends with the session at the latest. */
    private Connection begin() throws SQLException {
        Connection session = database.connect();
        session.setAutoCommit(false);
        return session;
    }

    private Connection lock(List<Long> ids) throws SQLException {
        Connection session = begin();
        String list = String.join(", ", ids.stream().map(String::valueOf).toList());
        query(
                session,
                "SELECT count(*) FROM (SELECT FROM pgmatch.tasks WHERE id IN (" + list + ") FOR UPDATE) AS held");
        return session;
    }

    private static String query(Connection session, String sql) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    private void awaitSessionsThatWaitForLocks(int sessions) {
        await("sessions wait for locks").until(() -> database.sessionsThatWaitForLocks() == sessions);
    }

    private void terminateTheOneThatIdlesInItsTransaction() {
        assertThat(database.queryAll("""
                        SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                        WHERE datname = current_database() AND state = 'idle in transaction'
                        """)).containsExactly("t");
    }

    /** Runs rounds until those pairs have been made, and no others. */
    private void awaitPairs(Party party, String... expected) {
        awaitRest(party);
        assertThat(database.pairs()).containsExactly(expected);
    }

    /** Runs rounds until everybody who waits is parked; then no legal pair may be left. */
    private void awaitRest(Party party) {
        await("everybody who waits is parked").until(() -> {
            party.run();
            return database.count("SELECT count(*) FROM pgmatch.tasks WHERE search_at <> 'infinity'") == 0;
        });
        PoolAudit audit = new Audit(database.database()).run(POOL).get(0);
        assertThat(audit.breaches()).isEmpty();
        assertThat(audit.legalPairsLeft()).isZero();
    }
}
