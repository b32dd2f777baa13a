package io.pgmatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class BacklogPermitsTest {
    private static final String POOL = "default";

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @Test
    void thereAreSoManyUntilTheTransactionsEnd() {
        try (Transaction one = database.database().begin();
                Transaction last = database.database().begin()) {
            assertThat(BacklogPermits.take(one, POOL, 2)).isTrue();
            try (Transaction other = database.database().begin()) {
                assertThat(BacklogPermits.take(other, POOL, 2)).isTrue();
                assertThat(BacklogPermits.take(last, POOL, 2)).isFalse();
            }
            assertThat(BacklogPermits.take(last, POOL, 2))
                    .as("the other one rolled back")
                    .isTrue();
        }
    }

    @Test
    void aTransactionTakesNoMoreThanOne() {
        try (Transaction one = database.database().begin();
                Transaction other = database.database().begin()) {
            BacklogPermits.take(one, POOL, 2);

            assertThat(database.count("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
                    .isEqualTo(1);
            assertThat(BacklogPermits.take(other, POOL, 2)).isTrue();
        }
    }

    @Test
    void eachPoolHasItsOwn() {
        try (Transaction one = database.database().begin();
                Transaction other = database.database().begin()) {
            assertThat(BacklogPermits.take(one, POOL, 1)).isTrue();
            assertThat(BacklogPermits.take(other, "another", 1)).isTrue();
        }
    }

    @Test
    void whetherAllAreTakenIsAskedWithoutTakingOne() {
        try (Transaction one = database.database().begin();
                Transaction asking = database.database().begin()) {
            assertThat(areTaken(asking, 2)).isFalse();
            assertThat(BacklogPermits.take(one, POOL, 2)).isTrue();
            assertThat(areTaken(asking, 2)).isFalse();
            assertThat(areTaken(asking, 1)).isTrue();
            assertThat(areTaken(asking, 0)).as("not asked").isFalse();
            assertThat(database.count("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
                    .as("that of the one")
                    .isEqualTo(1);
        }
    }

    private static boolean areTaken(Transaction transaction, int max) {
        return new BeginRound(RoundSettings.defaults())
                .run(transaction, POOL, null, max)
                .orElseThrow()
                .isDrainedByOthers();
    }
}
