package io.pgmatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.store.ParkTasks.Rest;
import io.pgmatch.testing.TestDatabase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ParkTasksTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    private long id;

    @BeforeEach
    void insertATask() {
        id = Long.parseLong(database.query("INSERT INTO pgmatch.tasks DEFAULT VALUES RETURNING id"));
    }

    @Test
    void aBackOffIsTwiceAsLongAsTheOneBeforeUpToASecond() {
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            rest(new Rest(id, Instant.MAX, 1.0));
            millis.add(backOffMillis());
        }

        assertThat(millis)
                .containsExactly(10L, 20L, 40L, 80L, 160L, 320L, 640L, 1_000L, 1_000L, 1_000L, 1_000L, 1_000L);
    }

    @Test
    void theFirstBackOffAfterARestIsShortAgain() {
        rest(new Rest(id, Instant.MAX, 1.0));
        rest(new Rest(id, Instant.MAX, 1.0));
        rest(new Rest(id, Instant.MAX, null));
        assertThat(database.query("SELECT search_at FROM pgmatch.tasks")).isEqualTo("infinity");
        rest(new Rest(id, Instant.MAX, 0.5));

        assertThat(backOffMillis()).isEqualTo(5);
    }

    private void rest(Rest rest) {
        try (Transaction transaction = database.database().begin()) {
            assertThat(ParkTasks.run(transaction, "default", NOW, List.of(rest), 1))
                    .isEqualTo(1);
            transaction.commit();
        }
    }

    private long backOffMillis() {
        return database.count(
                "SELECT (extract(epoch FROM search_at - '" + NOW + "') * 1000)::bigint FROM pgmatch.tasks");
    }
}
