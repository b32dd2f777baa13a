package io.pgmatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgmatch.model.BufferFullException;
import io.pgmatch.model.BufferSnapshot;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.TaskId;
import io.pgmatch.model.TaskNotInsertedException.Reason;
import io.pgmatch.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A buffer in front of a database that does not get on: the table is locked. */
final class TaskBufferBoundsTest {
    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    private Connection blocker;

    @BeforeEach
    void connect() throws SQLException {
        blocker = database.connect();
        blocker.setAutoCommit(false);
    }

    @AfterEach
    void disconnect() throws SQLException {
        blocker.close();
    }

    private void lockTasks() throws SQLException {
        blocker.createStatement().execute("LOCK TABLE pgmatch.tasks IN ACCESS EXCLUSIVE MODE");
    }

    private TaskBuffer.Builder builder() {
        return TaskBuffer.builder(database.dataSource()).readPoolsEvery(Duration.ZERO);
    }

    private static TaskBuffer started(TaskBuffer.Builder builder) {
        TaskBuffer buffer = builder.build();
        buffer.start();
        return buffer;
    }

    private static NewTask task(int number) {
        return new NewTask("default", "t" + number, "{}", null);
    }

    /** Submits one and waits until it is in the hands of the database, which does not get on with it. */
    private CompletableFuture<TaskId> submitIntoLock(TaskBuffer buffer) {
        CompletableFuture<TaskId> first = buffer.submit(task(-1));
        Awaitility.await()
                .until(() -> database.count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND wait_event_type = 'Lock' AND query LIKE 'COPY%'")
                        > 0);
        return first;
    }

    @Test
    void aFullBufferRefusesAtOnceAndSaysHowFull() throws Exception {
        lockTasks();
        try (TaskBuffer buffer = started(builder().bufferTasksMax(10).refuseWhenFull())) {
            submitIntoLock(buffer);
            for (int i = 1; i < 10; i++) {
                buffer.submit(task(i));
            }
            assertThatThrownBy(() -> buffer.submit(task(10)))
                    .isInstanceOf(BufferFullException.class)
                    .hasMessageMatching(
                            "buffer full: it holds 10 of at most 10 tasks and \\d+ of at most 67108864 bytes;"
                                    + " submit more slowly, or give it more room");
            // One that replaces another needs no room, one that is cancelled makes some.
            CompletableFuture<TaskId> again = buffer.submit(task(5));
            assertThat(buffer.cancel("default", "t6")).isTrue();
            CompletableFuture<TaskId> instead = buffer.submit(task(10));
            blocker.rollback();
            assertThat(TaskBufferTest.get(again).id())
                    .isLessThan(TaskBufferTest.get(instead).id());
        }
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(10);
    }

    @Test
    void bytesAreBoundedToo() throws Exception {
        lockTasks();
        String large = "{\"a\": \"" + "x".repeat(1_000) + "\"}";
        try (TaskBuffer buffer = started(builder().bufferBytesMax(10_000).refuseWhenFull())) {
            submitIntoLock(buffer);
            for (int i = 0; i < 7; i++) {
                buffer.submit(new NewTask("default", null, large, null));
            }
            assertThatThrownBy(() -> {
                        buffer.submit(new NewTask("default", null, large, null));
                        buffer.submit(new NewTask("default", null, large, null));
                    })
                    .isInstanceOf(BufferFullException.class)
                    .hasMessageContaining("of at most 10000 bytes");
            assertThatThrownBy(() -> buffer.submit(new NewTask("default", null, large.repeat(20), null)))
                    .as("never fits")
                    .isInstanceOf(BufferFullException.class);
            blocker.rollback();
        }
    }

    @Test
    void aFullBufferHasItsCallersWaitUntilThereIsRoom() throws Exception {
        lockTasks();
        Queue<CompletableFuture<TaskId>> futures = new ConcurrentLinkedQueue<>();
        try (TaskBuffer buffer = started(builder().bufferTasksMax(10))) {
            submitIntoLock(buffer);
            List<Thread> callers = IntStream.range(0, 8)
                    .mapToObj(number -> new Thread(() -> {
                        for (int i = 0; i < 100; i++) {
                            futures.add(buffer.submit(task(number * 100 + i)));
                        }
                    }))
                    .toList();
            callers.forEach(Thread::start);
            Awaitility.await()
                    .until(() -> callers.stream().allMatch(caller -> caller.getState() == Thread.State.TIMED_WAITING));
            assertThat(buffer.snapshot().queued().tasks()).isLessThanOrEqualTo(10);
            blocker.rollback();
            for (Thread caller : callers) {
                caller.join(20_000);
            }
        }
        assertThat(futures).hasSize(800).allMatch(future -> !future.isCompletedExceptionally());
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(801);
    }

    @Test
    void aCallerThatWaitedLongEnoughIsRefused() throws Exception {
        lockTasks();
        try (TaskBuffer buffer = started(builder().bufferTasksMax(1).waitForRoom(Duration.ofMillis(50)))) {
            submitIntoLock(buffer);
            assertThatThrownBy(() -> buffer.submit(task(1)))
                    .isInstanceOf(BufferFullException.class)
                    .hasMessageMatching(".*1 of at most 1 tasks.*, still so after \\d+ ms;.*");
            blocker.rollback();
        }
    }

    @Test
    void everyFutureCompletesByItsDeadlineWhateverTheDatabaseDoes() throws Exception {
        lockTasks();
        Duration timeout = Duration.ofSeconds(2);
        TaskBuffer buffer = started(builder().deliveryTimeout(timeout).attemptTimeout(Duration.ofSeconds(60)));
        try (buffer) {
            long start = System.nanoTime();
            CompletableFuture<TaskId> sent = submitIntoLock(buffer);
            CompletableFuture<TaskId> queued = buffer.submit(task(1));
            // The futures themselves say when; a timeout of the test would prove nothing.
            assertThat(TaskBufferTest.failure(sent).reason()).isEqualTo(Reason.UNKNOWN);
            assertThat(System.nanoTime() - start).isLessThanOrEqualTo(timeout.toNanos());
            assertThat(TaskBufferTest.failure(queued).reason()).isEqualTo(Reason.FAILED);
            assertThat(TaskBufferTest.failure(queued)).hasMessageContaining("within 2000 ms");
            Awaitility.await().until(() -> buffer.snapshot().unknown() == 1);
            assertThat(buffer.snapshot().outcomes().failed()).isEqualTo(1);
            blocker.rollback();
            // What follows goes in again.
            TaskBufferTest.get(buffer.submit(task(2)));
        }
        BufferSnapshot end = buffer.snapshot();
        assertThat(end.outcomes().sum()).isEqualTo(end.submitted()).isEqualTo(3);
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks WHERE ref = 't1'"))
                .isZero();
    }

    @Test
    void anAttemptThatMakesNoProgressIsCutAndTriedAgain() throws Exception {
        lockTasks();
        try (TaskBuffer buffer = started(builder().attemptTimeout(Duration.ofMillis(300)))) {
            CompletableFuture<TaskId> future = submitIntoLock(buffer);
            String first = activeCopy();
            Awaitility.await()
                    .until(() -> !activeCopy().equals(first) && !activeCopy().isEmpty());
            blocker.rollback();
            TaskBufferTest.get(future);
            assertThat(buffer.snapshot().flushes().repeated()).isPositive();
        }
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(1);
    }

    private String activeCopy() {
        return database.query("SELECT coalesce(max(query_start)::text, '') FROM pg_stat_activity"
                + " WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'COPY%'");
    }

    @Test
    void aTableThatRefusesEverythingFailsTheTasksAtOnce() throws Exception {
        try (TaskBuffer buffer = started(builder())) {
            database.execute("ALTER SEQUENCE pgmatch.tasks_id_seq RENAME TO elsewhere");
            assertThat(TaskBufferTest.failure(buffer.submit(task(1))))
                    .hasMessage("relation \"pgmatch.tasks_id_seq\" does not exist; it was not inserted")
                    .extracting(e -> e.reason())
                    .isEqualTo(Reason.FAILED);
            database.execute("ALTER SEQUENCE pgmatch.elsewhere RENAME TO tasks_id_seq");
            TaskBufferTest.get(buffer.submit(task(2)));
        }
    }

    @Test
    void closingReturnsInTimeAndCompletesEveryFutureThoughTheDatabaseHangs() throws Exception {
        lockTasks();
        TaskBuffer buffer =
                started(builder().closeTimeout(Duration.ofSeconds(1)).flushTasksMax(2));
        CompletableFuture<TaskId> sent = submitIntoLock(buffer);
        List<CompletableFuture<TaskId>> queued = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            queued.add(buffer.submit(task(i)));
        }
        long start = System.nanoTime();
        buffer.close();
        assertThat(System.nanoTime() - start)
                .as("of what it waits for it would wait for ever")
                .isLessThan(Duration.ofSeconds(10).toNanos());
        assertThat(sent).isDone();
        assertThat(TaskBufferTest.failure(sent).reason()).isEqualTo(Reason.UNKNOWN);
        for (CompletableFuture<TaskId> future : queued) {
            assertThat(future).isDone();
            assertThat(TaskBufferTest.failure(future).reason()).isEqualTo(Reason.FAILED);
        }
        assertThat(buffer.snapshot().queued()).isEqualTo(new BufferSnapshot.Held(0, 0));
        blocker.rollback();
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks WHERE ref <> 't-1'"))
                .isZero();
    }

    @Test
    void closingIsSafeTwiceAndBeforeTheStart() {
        TaskBuffer buffer = builder().build();
        buffer.close();
        buffer.close();
        assertThatThrownBy(() -> buffer.submit(task(1))).isInstanceOf(PgmatchException.class);
        assertThatThrownBy(buffer::start).isInstanceOf(PgmatchException.class);
    }

    @RepeatedTest(20)
    void closingAmidSubmitsCompletesWhateverWasTaken() throws Exception {
        // No more than even a busy machine writes in time.
        TaskBuffer buffer = started(builder().bufferTasksMax(2_000).closeTimeout(Duration.ofMinutes(1)));
        Queue<CompletableFuture<TaskId>> futures = new ConcurrentLinkedQueue<>();
        CountDownLatch busy = new CountDownLatch(500);
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < 4; number++) {
            int base = number * 1_000_000;
            threads.add(new Thread(() -> {
                try {
                    for (int i = base; ; i++) {
                        futures.add(buffer.submit(task(i)));
                        busy.countDown();
                    }
                } catch (PgmatchException closed) {
                    // That is the end.
                }
            }));
        }
        threads.forEach(Thread::start);
        assertThat(busy.await(10, TimeUnit.SECONDS)).isTrue();
        Thread other = new Thread(buffer::close);
        other.start();
        buffer.close();
        other.join(20_000);
        for (Thread thread : threads) {
            thread.join(20_000);
        }
        assertThat(futures).allMatch(CompletableFuture::isDone).noneMatch(CompletableFuture::isCompletedExceptionally);
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(futures.size());
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("pgmatch-buffer"));
    }

    @RepeatedTest(20)
    void startingAndClosingAtOnceLeavesNoThread() throws Exception {
        TaskBuffer buffer = builder().build();
        Thread starter = new Thread(() -> {
            try {
                buffer.start();
            } catch (PgmatchException closed) {
                // The other one was first.
            }
        });
        starter.start();
        buffer.close();
        starter.join(20_000);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("pgmatch-buffer"));
    }
}
