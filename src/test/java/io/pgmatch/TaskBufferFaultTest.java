package io.pgmatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.embedded.BundledPostgresOptions;
import io.pgmatch.model.BatchReceipt;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.TaskId;
import io.pgmatch.testing.FaultProxy;
import io.pgmatch.testing.FaultProxy.Fault;
import io.pgmatch.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Connections that break where it hurts, and a database that goes away: nothing is lost nor doubled. */
final class TaskBufferFaultTest {
    private static final int FAULTS = 200;

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    private FaultProxy proxy;

    @BeforeEach
    void startProxy() throws IOException {
        proxy = new FaultProxy(URI.create(database.url()).getPort());
    }

    @AfterEach
    void stopProxy() throws IOException {
        proxy.close();
    }

    private TaskBuffer.Builder builder() {
        String name = URI.create(database.url()).getPath().substring(1);
        return TaskBuffer.builder(proxy.dataSource(name)).readPoolsEvery(Duration.ZERO);
    }

    private static TaskBuffer started(TaskBuffer.Builder builder) {
        TaskBuffer buffer = builder.build();
        buffer.start();
        return buffer;
    }

    @Test
    void twoHundredBrokenConnectionsLoseNothingAndDoubleNothing() throws Exception {
        Random random = new Random(7);
        Fault[] kinds = {Fault.BEFORE_COMMIT, Fault.AFTER_COMMIT, Fault.IN_COPY};
        List<CompletableFuture<TaskId>> futures = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        int refused = 0;
        try (TaskBuffer buffer = started(builder().lingerMillis(1))) {
            for (int i = 0; i < FAULTS; i++) {
                CountDownLatch happened = proxy.arm(kinds[i % kinds.length]);
                for (int j = random.nextInt(20); j >= 0; j--) {
                    String ref = i + "-" + j;
                    // Now and then a task that will be refused: its flush is repeated for that, too.
                    boolean bad = random.nextInt(50) == 0;
                    futures.add(buffer.submit(new NewTask("default", ref, bad ? "[]" : "{}", null)));
                    if (bad) {
                        refused++;
                    } else {
                        expected.add(ref);
                    }
                }
                assertThat(happened.await(20, TimeUnit.SECONDS)).isTrue();
            }
        }
        Set<String> inserted = Set.copyOf(database.queryAll("SELECT id FROM pgmatch.tasks"));
        int acknowledged = 0;
        for (CompletableFuture<TaskId> future : futures) {
            if (!future.isCompletedExceptionally()) {
                assertThat(inserted).contains(Long.toString(future.getNow(null).id()));
                acknowledged++;
            }
        }
        assertThat(proxy.faults()).isEqualTo(FAULTS);
        assertThat(acknowledged).isEqualTo(expected.size());
        assertThat(futures).hasSize(acknowledged + refused);
        assertThat(database.queryAll("SELECT ref FROM pgmatch.tasks")).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void withoutRefsToTellThemApartTheLedgerAloneKeepsThemFromDoubling() throws Exception {
        try (TaskBuffer buffer = started(builder())) {
            for (int i = 0; i < 30; i++) {
                CountDownLatch happened = proxy.arm(i % 2 == 0 ? Fault.AFTER_COMMIT : Fault.IN_COPY);
                CompletableFuture<TaskId> future = buffer.submit(new NewTask("default", null, "{}", null));
                long id = TaskBufferTest.get(future).id();
                assertThat(happened.getCount()).isZero();
                assertThat(database.count("SELECT max(id) FROM pgmatch.tasks")).isEqualTo(id);
                assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(i + 1);
            }
            Awaitility.await().until(() -> buffer.snapshot().acknowledged() == 30);
            assertThat(buffer.snapshot().flushes().repeated()).isEqualTo(30);
        }
    }

    @RepeatedTest(3)
    void aRepeatWaitsForTheFirstTransactionThatIsStillUnderWay() throws Exception {
        CountDownLatch happened = new CountDownLatch(1);
        CountDownLatch released = proxy.armHeldCommit(happened);
        try (TaskBuffer buffer = started(builder())) {
            CompletableFuture<TaskId> future = buffer.submit(new NewTask("default", null, "{}", null));
            assertThat(happened.await(20, TimeUnit.SECONDS)).isTrue();
            Awaitility.await("the repeat waits for the ledger entry")
                    .until(() -> database.count("SELECT count(*) FROM pg_stat_activity"
                                    + " WHERE datname = current_database() AND wait_event_type = 'Lock'"
                                    + " AND query LIKE '%insert_batches%'")
                            > 0);
            assertThat(future).isNotDone();
            released.countDown();
            assertThat(database.count("SELECT " + TaskBufferTest.get(future).id()))
                    .isPositive();
        }
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(1);
    }

    @Test
    void aBatchWhoseAnswerWasLostIsInsertedOnce() throws Exception {
        UUID id = UUID.randomUUID();
        List<NewTask> tasks = List.of(
                new NewTask("default", null, "{}", null),
                new NewTask("default", null, "[]", null),
                new NewTask("default", null, "{}", null));
        try (TaskBuffer buffer = started(builder())) {
            proxy.arm(Fault.AFTER_COMMIT);
            BatchReceipt receipt = TaskBufferTest.get(buffer.submitBatch(id, tasks));
            assertThat(receipt.inserted()).isEqualTo(2);
            assertThat(receipt.repeated()).isFalse();
            assertThat(receipt.refused()).containsOnlyKeys(1);
        }
        assertThat(proxy.faults()).isEqualTo(1);
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(2);
    }

    @Test
    void aDatabaseAwayForTenSecondsLosesNothing() throws Exception {
        try (BundledPostgres server = BundledPostgres.start(BundledPostgresOptions.throwaway())) {
            Pgmatch.on(server.dataSource()).migrate();
            AtomicInteger acknowledged = new AtomicInteger();
            List<CompletableFuture<Void>> futures = new ArrayList<>();
            try (TaskBuffer buffer =
                    started(TaskBuffer.builder(server.dataSource()).deliveryTimeout(Duration.ofSeconds(60)))) {
                for (int i = 0; i < 100; i++) {
                    futures.add(buffer.submit(new NewTask("default", "before" + i, "{}", null))
                            .thenAccept(id -> acknowledged.incrementAndGet()));
                }
                server.stopImmediately();
                // Ten seconds by the clock of the buffer: its oldest task has waited so long.
                for (int i = 0; i < 5_000; i++) {
                    futures.add(buffer.submit(new NewTask("default", "away" + i, "{}", null))
                            .thenAccept(id -> acknowledged.incrementAndGet()));
                }
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> buffer.snapshot().oldestAge().compareTo(Duration.ofSeconds(10)) >= 0);
                server.restart();
                CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
                        .get(40, TimeUnit.SECONDS);
                assertThat(acknowledged).hasValue(5_100);
            }
            assertThat(Pgmatch.on(server.dataSource()).status("default").get(0).waiting())
                    .isEqualTo(5_100);
        }
    }
}
