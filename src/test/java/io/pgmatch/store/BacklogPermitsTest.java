package io.pgmatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class BacklogPermitsTest {
    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @Test
    void thereAreSoManyUntilTheTransactionsEnd() {
        try (Transaction one = database.database().begin();
                Transaction last = database.database().begin()) {
            assertThat(BacklogPermits.take(one, "pool", 2)).isTrue();
            try (Transaction other = database.database().begin()) {
                assertThat(BacklogPermits.take(other, "pool", 2)).isTrue();
                assertThat(BacklogPermits.take(last, "pool", 2)).isFalse();
            }
            assertThat(BacklogPermits.take(last, "pool", 2))
                    .as("the other one rolled back")
                    .isTrue();
        }
    }

    @Test
    void aTransactionTakesNoMoreThanOne() {
        try (Transaction one = database.database().begin();
                Transaction other = database.database().begin()) {
            BacklogPermits.take(one, "pool", 2);

            assertThat(database.count("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
                    .isEqualTo(1);
            assertThat(BacklogPermits.take(other, "pool", 2)).isTrue();
        }
    }

    @Test
    void eachPoolHasItsOwn() {
        try (Transaction one = database.database().begin();
                Transaction other = database.database().begin()) {
            assertThat(BacklogPermits.take(one, "pool", 1)).isTrue();
            assertThat(BacklogPermits.take(other, "another", 1)).isTrue();
        }
    }
}
