package io.pgmatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which pools are told to have a backlog. */
final class FindBacklogsTest {
    private static final String POOL = "default";

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @Test
    void moreFreshTasksThanTwoBlocksHoldAreABacklog() {
        insert(FindBacklogs.FRESH_MAX);
        assertThat(look()).isEmpty();

        insert(1);

        assertThat(look()).containsExactly(POOL);
    }

    @Test
    void aBacklogIsOneWhoeverHoldsIt() throws SQLException {
        insert(FindBacklogs.FRESH_MAX + 1);
        try (Connection session = database.connect();
                Statement statement = session.createStatement()) {
            session.setAutoCommit(false);
            statement.execute("SELECT FROM pgmatch.tasks FOR UPDATE");

            assertThat(look()).containsExactly(POOL);
        }
    }

    @Test
    void thoseWhoWaitAreNone() {
        insert(FindBacklogs.FRESH_MAX + 1);
        database.execute("UPDATE pgmatch.tasks SET search_at = now() - interval '1 second'");

        assertThat(look()).isEmpty();
    }

    private Set<String> look() {
        return FindBacklogs.run(database.database(), List.of("no such", POOL));
    }

    private void insert(int tasks) {
        database.execute(
                "INSERT INTO pgmatch.tasks (pool) SELECT '%s' FROM generate_series(1, %d)".formatted(POOL, tasks));
    }
}
