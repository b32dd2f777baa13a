package io.pgmatch.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgmatch.Matcher;
import io.pgmatch.Pgmatch;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PoolAudit;
import io.pgmatch.testing.Docker;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.testcontainers.containers.PostgreSQLContainer;

/** The migrations, and a pair, on the official images of PostgreSQL: the oldest version and the newest. */
final class OfficialImageIT {
    private static final Duration MATCH_WAIT = Duration.ofSeconds(30);

    @BeforeEach
    void requireDocker() {
        Docker.require("MigrationsTest and all other tests, on the bundled server, whose version"
                + " -Dpostgres.version chooses");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"postgres:14", "postgres:18"})
    void migratesAndPairs(String image) {
        try (PostgreSQLContainer<?> server = new PostgreSQLContainer<>(image)) {
            server.start();
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(server.getJdbcUrl());
            source.setUser(server.getUsername());
            source.setPassword(server.getPassword());
            Pgmatch pgmatch = Pgmatch.on(source);

            assertThat(pgmatch.migrate()).hasSize(Schema.VERSION);
            assertThat(pgmatch.migrate()).as("again").isEmpty();
            assertThat(pgmatch.schemaVersion()).isEqualTo(Schema.VERSION);
            pgmatch.add(new NewTask("default", null, "{}", null));
            pgmatch.add(new NewTask("default", null, "{}", null));
            try (Matcher matcher = Matcher.builder(source).build()) {
                matcher.start();
                await("the pair")
                        .atMost(MATCH_WAIT)
                        .until(() -> pgmatch.pairs(null, 10).size() == 1);
            }
            assertThat(pgmatch.audit(null)).allMatch(PoolAudit::isSafe);
        }
    }
}
