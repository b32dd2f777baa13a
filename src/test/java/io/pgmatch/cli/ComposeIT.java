package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.Pgmatch;
import io.pgmatch.model.PoolAudit;
import io.pgmatch.testing.Docker;
import java.io.File;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.ComposeContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** docker-compose.yml, started: the image is built, the schema migrated, three matchers pair. */
final class ComposeIT {
    private static final int POSTGRES_PORT = 5432;
    private static final Duration START_WAIT = Duration.ofMinutes(10);
    private static final Duration MATCH_WAIT = Duration.ofMinutes(1);

    @BeforeEach
    void requireDocker() {
        Docker.require("ComposeFileTest for the file, and the tests that start several pgmatch processes"
                + " on the bundled server for what it runs");
    }

    @Test
    void threeMatchersPairWhatIsInsertedByThePlainName() throws SQLException {
        try (ComposeContainer compose = new ComposeContainer(new File("docker-compose.yml"))
                // Compose runs in a container, and builds from what is copied there.
                .withCopyFilesInContainer(
                        "docker-compose.yml",
                        "Dockerfile",
                        ".dockerignore",
                        "pgmatch",
                        "mvnw",
                        ".mvn",
                        "pom.xml",
                        "db",
                        "src/codegen",
                        "src/main")
                .withEnv("PGMATCH_PORT", "0")
                .withBuild(true)
                .withExposedService("postgres", POSTGRES_PORT)
                .waitingFor("matcher-1", Wait.forHealthcheck().withStartupTimeout(START_WAIT))
                .waitingFor("matcher-2", Wait.forHealthcheck().withStartupTimeout(START_WAIT))
                .waitingFor("matcher-3", Wait.forHealthcheck().withStartupTimeout(START_WAIT))) {
            compose.start();
            String url = "postgresql://pgmatch:pgmatch@" + compose.getServiceHost("postgres", POSTGRES_PORT) + ":"
                    + compose.getServicePort("postgres", POSTGRES_PORT) + "/pgmatch";
            try (HikariDataSource database =
                    ConnectionSettings.resolve(url, Map.of()).open(1)) {
                execute(database, "INSERT INTO tasks (attributes) SELECT '{}' FROM generate_series(1, 1000)");
                await("all paired").atMost(MATCH_WAIT).until(() -> count(database, "matched_pairs") == 500);
                assertThat(Pgmatch.on(database).audit(null)).allMatch(PoolAudit::isSafe);
                assertThat(count(database, "tasks")).isZero();
            }
        }
    }

    private static void execute(HikariDataSource database, String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long count(HikariDataSource database, String table) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
