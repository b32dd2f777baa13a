package io.pgmatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.model.TaskNeeds;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.store.ClaimTasks.Claim;
import io.pgmatch.testing.TestDatabase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Claims in blocks; how rounds go on after them is InterleavingTest's. */
final class ClaimTasksTest {
    private static final int MANY = 100;

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @Test
    void whatOthersHoldIsLeftToThem() {
        List<Long> tasks = insertInBlocks(1, 2, 3);
        try (Transaction one = database.database().begin();
                Transaction other = database.database().begin()) {
            Claim first = claim(one, 1);
            Claim second = claim(other, MANY);

            assertThat(ids(first)).isEqualTo(tasks.subList(0, 1));
            assertThat(first.isFull()).isTrue();
            assertThat(first.isSharing()).isFalse();
            assertThat(ids(second)).isEqualTo(tasks.subList(1, 3));
            assertThat(second.isFull()).isFalse();
            assertThat(second.isSharing()).isTrue();
        }
    }

    @Test
    void whereAllHaveExpiredNothingIsLeftToAnybody() {
        insertInBlocks(1);
        database.execute("UPDATE pgmatch.tasks SET expires_at = now() - interval '1 minute'");
        List<Long> tasks = insertInBlocks(2);
        try (Transaction transaction = database.database().begin()) {
            Claim claim = claim(transaction, MANY);

            assertThat(ids(claim)).isEqualTo(tasks);
            assertThat(claim.isSharing()).isFalse();
        }
    }

    @Test
    void beyondTheBlocksThatMayBeLockedIsClaimedWithout() {
        insertInBlocks(1, 3, 5);
        database.execute("UPDATE pgmatch.tasks SET expires_at = now() - interval '1 minute'");
        List<Long> tasks = insertInBlocks(2, 4, 6, 7, 8, 9, 10, 11);
        try (Transaction transaction = database.database().begin()) {
            assertThat(ids(claim(transaction, MANY))).isEqualTo(tasks);
            assertThat(database.count("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
                    .isEqualTo(8);
        }
    }

    @Test
    void whoComesOnceMoreIsSearchedForAmongThoseWhoWait() {
        List<Long> tasks = insertInBlocks(1);
        database.execute("UPDATE pgmatch.tasks SET search_at = now() - interval '1 minute'");
        try (Transaction transaction = database.database().begin()) {
            Claim claim = claims(transaction)
                    .inBlocks(tasks.get(0) + 1, MANY, true, Runnable::run)
                    .result();

            assertThat(ids(claim)).isEqualTo(tasks);
            assertThat(claim.isAnybodyWaiting()).isTrue();
        }
    }

    @Test
    void aClaimThatEndsWithOneWhoComesOnceMoreHasSeenAllThatAreFresh() {
        List<Long> tasks = insertInBlocks(1, 2);
        database.execute("UPDATE pgmatch.tasks SET search_at = now() - interval '1 minute' WHERE id = " + tasks.get(0));
        try (Transaction transaction = database.database().begin()) {
            Claim claim =
                    claims(transaction).due(Long.MIN_VALUE, 2, Runnable::run).result();

            assertThat(ids(claim)).isEqualTo(List.of(tasks.get(1), tasks.get(0)));
            assertThat(claim.isFull()).isFalse();
            assertThat(claim.lastFreshId()).isEqualTo(tasks.get(1));
        }
    }

    /** A task at the start of each of these blocks of ids. */
    private List<Long> insertInBlocks(int... blocks) {
        List<Long> ids = new ArrayList<>();
        for (int block : blocks) {
            database.query(
                    "SELECT setval('pgmatch.tasks_id_seq', %d, false)".formatted((long) block * ClaimTasks.BLOCK_IDS));
            ids.add(Long.valueOf(database.query("INSERT INTO pgmatch.tasks DEFAULT VALUES RETURNING id")));
        }
        return ids;
    }

    private static Claim claim(Transaction transaction, int limit) {
        return claims(transaction)
                .inBlocks(Long.MIN_VALUE, limit, true, Runnable::run)
                .result();
    }

    private static ClaimTasks claims(Transaction transaction) {
        return new ClaimTasks(transaction, "default", Instant.now(), 1, new TaskNeeds(false, false, false));
    }

    private static List<Long> ids(Claim claim) {
        return claim.tasks().stream().map(WaitingTask::id).toList();
    }
}
