package io.pgmatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgmatch.buffer.BufferConfig;
import io.pgmatch.model.BatchReceipt;
import io.pgmatch.model.BufferSnapshot;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.TaskId;
import io.pgmatch.model.TaskNotInsertedException;
import io.pgmatch.model.TaskNotInsertedException.Reason;
import io.pgmatch.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a program sees of the buffer, on a database that works. */
final class TaskBufferTest {
    private static final String CHESS = """
            {"attributes": {"mode": {"type": "text"}, "rating": {"type": "number"}}, "match": [{"equal": "mode"}]}
            """;

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    private TaskBuffer started(TaskBuffer.Builder builder) {
        TaskBuffer buffer = builder.build();
        buffer.start();
        return buffer;
    }

    private TaskBuffer.Builder builder() {
        return TaskBuffer.builder(database.dataSource()).readPoolsEvery(Duration.ZERO);
    }

    /** Nothing is sent before somebody asks for it. */
    private TaskBuffer.Builder lingering() {
        return builder().lingerMillis(60_000);
    }

    static NewTask task(String ref) {
        return new NewTask("default", ref, "{}", null);
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    static TaskNotInsertedException failure(CompletableFuture<?> future) throws Exception {
        try {
            Object value = future.get(30, TimeUnit.SECONDS);
            throw new AssertionError("wanted a failure, got " + value);
        } catch (ExecutionException e) {
            return (TaskNotInsertedException) e.getCause();
        }
    }

    @Test
    void defaultsAreThese() {
        BufferConfig config = TaskBuffer.builder(database.dataSource()).build().config();
        assertThat(config.room()).isEqualTo(new BufferConfig.Room(100_000, 64 << 20, Duration.ofSeconds(10)));
        assertThat(config.flushes()).isEqualTo(new BufferConfig.Flushes(Duration.ofMillis(5), 10_000, 8 << 20));
        assertThat(config.patience())
                .isEqualTo(new BufferConfig.Patience(
                        Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(15), Duration.ofSeconds(5)));
        assertThat(config.coalescing()).isTrue();
    }

    @Test
    void acknowledgesEachTaskWithItsIdInSubmissionOrder() throws Exception {
        List<CompletableFuture<TaskId>> futures = new ArrayList<>();
        try (TaskBuffer buffer = started(builder().flushTasksMax(700))) {
            for (int i = 0; i < 5_000; i++) {
                futures.add(buffer.submit(task("t" + i)));
            }
        }
        long before = 0;
        Map<String, String> refs = refsById();
        for (int i = 0; i < futures.size(); i++) {
            long id = futures.get(i).getNow(null).id();
            assertThat(id).isGreaterThan(before);
            assertThat(refs.get(Long.toString(id))).isEqualTo("t" + i);
            before = id;
        }
        assertThat(refs).hasSize(5_000);
        assertThat(database.count("SELECT sum(tasks) FROM pgmatch.insert_batches"))
                .isEqualTo(5_000);
    }

    private Map<String, String> refsById() {
        Map<String, String> refs = new HashMap<>();
        for (String row : database.queryAll("SELECT id || ' ' || ref FROM pgmatch.tasks")) {
            refs.put(row.substring(0, row.indexOf(' ')), row.substring(row.indexOf(' ') + 1));
        }
        return refs;
    }

    @Test
    void textArrivesAsItWasWhateverItHolds() throws Exception {
        List<String> refs = List.of("\\N", "a\tb", "a\nb\r", "\\.", "back\\slash\\n", "é漢😀\u0001", "'\"", " ");
        String attributes = """
                {"a": "tab \\t quote \\" back \\\\ é漢😀",\t"b":\r\n 1}""";
        try (TaskBuffer buffer = started(builder())) {
            for (String ref : refs) {
                get(buffer.submit(new NewTask("default", ref, attributes, null)));
            }
            get(buffer.submit(new NewTask("default", null, attributes, null)));
        }
        assertThat(database.queryAll("SELECT ref FROM pgmatch.tasks WHERE ref IS NOT NULL ORDER BY id"))
                .isEqualTo(refs);
        assertThat(database.queryAll("SELECT DISTINCT attributes ->> 'a' FROM pgmatch.tasks"))
                .containsExactly("tab \t quote \" back \\ é漢😀");
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks WHERE ref IS NULL"))
                .isEqualTo(1);
    }

    @Test
    void expiryCountsFromTheInsertByTheDatabasesClock() throws Exception {
        try (TaskBuffer buffer = started(builder())) {
            get(buffer.submit(new NewTask("default", "x", "{}", Duration.ofMillis(90_500))));
            get(buffer.submit(new NewTask("default", "y", "{}", null)));
        }
        assertThat(database.queryAll(
                        "SELECT coalesce((expires_at - inserted_at)::text, 'never') FROM pgmatch.tasks ORDER BY ref"))
                .containsExactly("00:01:30.5", "never");
    }

    @Test
    void badTasksFailAloneEachWithTheReasonOfThePlainInsert() throws Exception {
        Pgmatch.on(database.dataSource()).createPool("chess", CHESS);
        String good = "{\"mode\": \"blitz\", \"rating\": 1}";
        try (TaskBuffer buffer = started(builder())) {
            get(buffer.submit(new NewTask("chess", "taken", good, null)));
        }
        List<NewTask> bad = List.of(
                new NewTask("chess", null, "{\"mode\": \"blitz\"}", null),
                new NewTask("chess", null, "{\"mode\": 1, \"rating\": 1}", null),
                new NewTask("chess", null, "[1]", null),
                new NewTask("nowhere", null, good, null),
                new NewTask("chess", "taken", good, null),
                new NewTask("chess", "r".repeat(513), good, null),
                new NewTask("chess", null, "{\"mode\": \"b\", \"rating\": 1e400}", null),
                new NewTask("chess", null, "{\"mode\": \"\\u0000\", \"rating\": 1}", null),
                new NewTask("chess", null, "no JSON", null),
                new NewTask("chess", null, "{\"mode\": \"" + "x".repeat(70_000) + "\", \"rating\": 1}", null));
        List<CompletableFuture<TaskId>> goods = new ArrayList<>();
        List<CompletableFuture<TaskId>> bads = new ArrayList<>();
        try (TaskBuffer buffer = started(lingering())) {
            for (NewTask task : bad) {
                goods.add(buffer.submit(new NewTask("chess", "g" + goods.size(), good, null)));
                bads.add(buffer.submit(task));
            }
        }
        for (CompletableFuture<TaskId> future : goods) {
            assertThat(get(future).pool()).isEqualTo("chess");
        }
        for (int i = 0; i < bad.size(); i++) {
            NewTask task = bad.get(i);
            TaskNotInsertedException refused = failure(bads.get(i));
            assertThat(refused.reason()).isEqualTo(Reason.REFUSED);
            assertThatThrownBy(() -> Pgmatch.on(database.dataSource()).add(task))
                    .satisfies(plain -> assertThat(refused.getMessage()).startsWith(plain.getMessage()));
            assertThat(refused.getMessage()).doesNotContain("\n");
        }
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(1 + goods.size());
        assertThat(database.queryAll("SELECT DISTINCT tasks FROM pgmatch.insert_batches WHERE pool = 'nowhere'"))
                .containsExactly("0");
    }

    @Test
    void aThousandBadTasksAmongAHundredThousandAreExactlyThoseRefused() throws Exception {
        Pgmatch.on(database.dataSource()).createPool("chess", CHESS);
        Random random = new Random(4);
        Map<Integer, String> reasons = new HashMap<>();
        while (reasons.size() < 1_000) {
            reasons.put(random.nextInt(101_000), "");
        }
        List<CompletableFuture<TaskId>> futures = new ArrayList<>();
        // As long as a busy machine may take.
        TaskBuffer.Builder patient =
                builder().deliveryTimeout(Duration.ofMinutes(3)).closeTimeout(Duration.ofMinutes(3));
        try (TaskBuffer buffer = started(patient)) {
            for (int i = 0; i < 101_000; i++) {
                String attributes = "{\"mode\": \"blitz\", \"rating\": " + i + "}";
                if (reasons.containsKey(i)) {
                    switch (random.nextInt(4)) {
                        case 0 -> {
                            attributes = "{\"mode\": " + i + ", \"rating\": 1}";
                            reasons.put(i, "pool \"chess\", attribute \"mode\": wanted a text, got " + i);
                        }
                        case 1 -> {
                            attributes = "{\"rating\": 1}";
                            reasons.put(i, "pool \"chess\", attribute \"mode\": wanted a text, got nothing");
                        }
                        case 2 -> {
                            attributes = "{\"mode\": \"blitz\", \"rating\": \"" + i + "\"}";
                            reasons.put(
                                    i,
                                    "pool \"chess\", attribute \"rating\": wanted a number within ±1e100 with at"
                                            + " most 100 decimals, got \"" + i + "\"");
                        }
                        default -> {
                            attributes = "{\"mode\": " + i + "x}";
                            reasons.put(i, "invalid input syntax for type json: Token \"" + i + "x\" is invalid.");
                        }
                    }
                }
                futures.add(buffer.submit(new NewTask("chess", "t" + i, attributes, null)));
            }
        }
        Set<String> refs = Set.copyOf(database.queryAll("SELECT ref FROM pgmatch.tasks"));
        for (int i = 0; i < futures.size(); i++) {
            String reason = reasons.get(i);
            if (reason == null) {
                assertThat(futures.get(i)).isCompleted();
            } else {
                assertThat(failure(futures.get(i)).getMessage()).isEqualTo(reason);
            }
            assertThat(refs.contains("t" + i)).isEqualTo(reason == null);
        }
        assertThat(refs).hasSize(100_000);
    }

    @Test
    void aRefSubmittedAgainReplacesTheEarlierOneThatWasNotSent() throws Exception {
        try (TaskBuffer buffer = started(lingering())) {
            CompletableFuture<TaskId> first = buffer.submit(new NewTask("default", "r", "{\"n\": 1}", null));
            CompletableFuture<TaskId> other = buffer.submit(task("other"));
            CompletableFuture<TaskId> second = buffer.submit(new NewTask("default", "r", "{\"n\": 2}", null));
            assertThat(failure(first).reason()).isEqualTo(Reason.REPLACED);
            buffer.flush();
            assertThat(get(second).id()).isGreaterThan(get(other).id());
            CompletableFuture<TaskId> third = buffer.submit(new NewTask("default", "r", "{\"n\": 3}", null));
            buffer.flush();
            assertThat(failure(third))
                    .hasMessageContaining("which waits as task " + get(second).id());
        }
        assertThat(database.queryAll("SELECT attributes ->> 'n' FROM pgmatch.tasks WHERE ref = 'r'"))
                .containsExactly("2");
    }

    @Test
    void withoutCoalescingTheDatabaseRefusesTheSecond() throws Exception {
        try (TaskBuffer buffer = started(lingering().coalescing(false))) {
            CompletableFuture<TaskId> first = buffer.submit(task("r"));
            CompletableFuture<TaskId> second = buffer.submit(task("r"));
            buffer.flush();
            get(first);
            assertThat(failure(second).reason()).isEqualTo(Reason.REFUSED);
        }
    }

    @Test
    void cancelTakesBackWhatWasNotSentWithoutAnyStatement() throws Exception {
        try (TaskBuffer buffer = started(lingering())) {
            CompletableFuture<TaskId> cancelled = buffer.submit(task("a"));
            CompletableFuture<TaskId> kept = buffer.submit(task("b"));
            assertThat(buffer.cancel("default", "a")).isTrue();
            assertThat(buffer.cancel("default", "a")).isFalse();
            assertThat(buffer.cancel("other", "b")).isFalse();
            assertThat(failure(cancelled).reason()).isEqualTo(Reason.CANCELLED);
            buffer.flush();
            get(kept);
            assertThat(buffer.cancel("default", "b")).isFalse();
        }
        assertThat(database.queryAll("SELECT ref FROM pgmatch.tasks")).containsExactly("b");
        assertThat(database.count("SELECT count(*) FROM pgmatch.retired_tasks")).isZero();
    }

    @Test
    void aBatchIsInsertedOnceHoweverOftenItIsSubmitted() throws Exception {
        UUID id = UUID.randomUUID();
        List<NewTask> tasks = List.of(task("a"), new NewTask("default", "b", "[]", null), task("c"));
        for (int run = 0; run < 3; run++) {
            try (TaskBuffer buffer = started(builder())) {
                CompletableFuture<BatchReceipt> first = buffer.submitBatch(id, tasks);
                CompletableFuture<BatchReceipt> second = buffer.submitBatch(id, tasks);
                assertThat(get(first).inserted()).isEqualTo(2);
                assertThat(get(first).repeated()).isEqualTo(run > 0);
                assertThat(get(first).refused().keySet()).isEqualTo(run > 0 ? Set.of() : Set.of(1));
                assertThat(get(second).repeated()).isTrue();
            }
        }
        assertThat(database.queryAll("SELECT ref FROM pgmatch.tasks ORDER BY id"))
                .containsExactly("a", "c");
        assertThat(database.queryAll("SELECT batch_id || ' ' || tasks FROM pgmatch.insert_batches"))
                .containsExactly(id + " 2");
    }

    @Test
    void aBatchOfSeveralPoolsOrTooManyTasksIsNone() {
        try (TaskBuffer buffer = started(builder().flushTasksMax(2))) {
            UUID id = UUID.randomUUID();
            assertThatThrownBy(() -> buffer.submitBatch(id, List.of(task("a"), task("b"), task("c"))))
                    .hasMessage("batch: wanted 1 to 2 tasks, got 3");
            assertThatThrownBy(() -> buffer.submitBatch(id, List.of(task("a"), new NewTask("other", null, "{}", null))))
                    .hasMessage("batch: wanted tasks of one pool, got \"default\" and \"other\"");
        }
    }

    @Test
    void theLedgerKeepsTheLastFlushesAndForgetsThoseBefore() throws Exception {
        UUID batch = UUID.randomUUID();
        try (TaskBuffer buffer = started(builder().lingerMillis(0).flushTasksMax(1))) {
            get(buffer.submitBatch(batch, List.of(task("batch"))));
            List<CompletableFuture<TaskId>> futures = new ArrayList<>();
            for (int i = 0; i < 2_500; i++) {
                futures.add(buffer.submit(task("t" + i)));
            }
            for (CompletableFuture<TaskId> future : futures) {
                get(future);
            }
        }
        assertThat(database.count("SELECT count(*) FROM pgmatch.insert_batches"))
                .isBetween(1_000L, 1_101L);
        assertThat(database.count("SELECT count(*) FROM pgmatch.insert_batches WHERE batch_id = '" + batch + "'"))
                .isEqualTo(1);
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(2_501);
    }

    @Test
    void theSnapshotAccountsForEveryTask() throws Exception {
        try (TaskBuffer buffer = started(lingering())) {
            buffer.submit(task("a"));
            buffer.submit(task("a"));
            buffer.submit(task("b"));
            buffer.cancel("default", "b");
            buffer.submit(new NewTask("default", null, "[]", null));
            Awaitility.await().until(() -> buffer.snapshot().submitted() == 4);
            BufferSnapshot before = buffer.snapshot();
            assertThat(before.queued().tasks()).isEqualTo(2);
            assertThat(before.queued().bytes()).isGreaterThan(400);
            assertThat(before.outcomes()).isEqualTo(new BufferSnapshot.Outcomes(0, 0, 0, 0, 1, 1));
            Awaitility.await().until(() -> buffer.snapshot().oldestAge().toMillis() > 20);
            buffer.flush();
            Awaitility.await().until(() -> buffer.snapshot().queued().tasks() == 0);
            BufferSnapshot after = buffer.snapshot();
            assertThat(after.outcomes()).isEqualTo(new BufferSnapshot.Outcomes(1, 1, 0, 0, 1, 1));
            assertThat(after.outcomes().sum()).isEqualTo(after.submitted());
            assertThat(after.queued().bytes()).isZero();
            assertThat(after.oldestAge()).isZero();
            assertThat(after.flushes().tasks().max()).isEqualTo(2);
            assertThat(after.flushes().acknowledgeMicros().count()).isEqualTo(1);
            assertThat(after.flushes().flushMicros().p99()).isPositive();
        }
    }

    @Test
    void theSnapshotTellsHowManyWaitInEachPoolAndWhenThatWasRead() throws Exception {
        Pgmatch.on(database.dataSource()).createPool("chess", CHESS);
        try (TaskBuffer buffer = started(builder().readPoolsEvery(Duration.ofMillis(20)))) {
            get(buffer.submit(task("a")));
            Awaitility.await().until(() -> {
                Map<String, Long> waiting = buffer.snapshot().pools().values().stream()
                        .collect(Collectors.toMap(pool -> pool.pool(), pool -> pool.waiting()));
                return waiting.equals(Map.of("default", 1L, "chess", 0L));
            });
            assertThat(buffer.snapshot().pools().get("default").oldestWait()).isNotNull();
            assertThat(buffer.snapshot().pools().get("chess").oldestWait()).isNull();
            assertThat(buffer.snapshot().pools().get("chess").readAt()).isNotNull();
        }
    }

    @Test
    void tasksAreNotTakenBeforeTheStartNorAfterTheEnd() {
        TaskBuffer buffer = builder().build();
        assertThatThrownBy(() -> buffer.submit(task("a")))
                .isInstanceOf(PgmatchException.class)
                .hasMessageContaining("call start() first");
        buffer.start();
        buffer.start();
        buffer.close();
        assertThatThrownBy(() -> buffer.submit(task("a"))).hasMessageContaining("closed");
        assertThatThrownBy(buffer::start).hasMessageContaining("closed");
    }
}
