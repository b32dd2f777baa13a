package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.embedded.BundledPostgresOptions;
import io.pgmatch.testing.PgmatchProcess;
import io.pgmatch.testing.PgmatchProcess.Outcome;
import io.pgmatch.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The commands that run until they are told to stop: run, pairs --follow, db. */
class LongRunningIT {
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final String TWO_TASKS = "INSERT INTO pgmatch.tasks (attributes) VALUES ('{}'), ('{}')";

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @TempDir
    Path directory;

    @Test
    void runEndsInOrderWhenTold() {
        for (Telling tell : List.<Telling>of(PgmatchProcess::terminate, PgmatchProcess::interrupt)) {
            try (PgmatchProcess run = start("run", "--url", database.url())) {
                run.awaitErrorLine(line -> line.contains("matching in"), WAIT);
                database.execute(TWO_TASKS);
                run.awaitErrorLine(line -> line.contains("1 in all"), WAIT);
                tell.to(run);
                assertThat(run.awaitExit(WAIT)).isZero();
                assertThat(run.outputLines()).isEmpty();
                assertThat(run.errorLines()).last().asString().contains("1 pair made in 1 round; 2 tasks claimed");
            }
        }
        assertThat(database.count("SELECT count(*) FROM pgmatch.matched_pairs")).isEqualTo(2);
        assertThat(database.count("SELECT count(*) FROM pgmatch.sleeping_matchers WHERE asleep_until > now()"))
                .isZero();
    }

    @Test
    void aFollowerPrintsEveryPairOnceAndEndsWhenTold() throws IOException {
        try (PgmatchProcess run = start("run", "--url", database.url());
                PgmatchProcess all = start("pairs", "--follow", "--format", "json", "--url", database.url())) {
            database.execute(TWO_TASKS);
            String first = all.awaitLine(line -> line.contains("\"first_id\":1,"), WAIT);
            assertThat(new ObjectMapper().readTree(first).get("second_id").asInt())
                    .isEqualTo(2);
            database.execute(TWO_TASKS);
            all.awaitLine(line -> line.contains("\"first_id\":3,"), WAIT);

            try (PgmatchProcess newest =
                            start("pairs", "--follow", "--limit", "1", "--format", "csv", "--url", database.url());
                    PgmatchProcess table = start("pairs", "--follow", "--limit", "0", "--url", database.url())) {
                newest.awaitLine(line -> line.startsWith("default,3,4,"), WAIT);
                table.awaitLine(line -> line.startsWith("pool "), WAIT);
                database.execute(TWO_TASKS);
                newest.awaitLine(line -> line.startsWith("default,5,6,"), WAIT);
                table.awaitLine(line -> line.matches("default +5 +6 .*"), WAIT);
                newest.interrupt();
                table.terminate();
                assertThat(newest.awaitOutcome(WAIT))
                        .matches(outcome ->
                                outcome.exitCode() == 0 && outcome.errors().isEmpty())
                        .matches(outcome -> outcome.output().size() == 3);
                assertThat(table.awaitOutcome(WAIT))
                        .matches(outcome ->
                                outcome.exitCode() == 0 && outcome.output().size() == 2);
            }

            all.awaitLine(line -> line.contains("\"first_id\":5,"), WAIT);
            all.terminate();
            assertThat(all.awaitExit(WAIT)).isZero();
            assertThat(all.outputLines()).hasSize(3);
            assertThat(all.errorLines()).isEmpty();
            run.terminate();
            assertThat(run.awaitExit(WAIT)).isZero();
        }
    }

    @Test
    void followerAndMatcherOutliveARestartOfTheDatabase() {
        try (BundledPostgres server = BundledPostgres.start(BundledPostgresOptions.throwaway())) {
            assertThat(await(start("migrate", "--url", server.url())).exitCode())
                    .isZero();
            try (PgmatchProcess run = start("run", "--url", server.url());
                    PgmatchProcess follower = start("pairs", "--follow", "--format", "json", "--url", server.url())) {
                assertThat(await(start("add", "--url", server.url())).exitCode())
                        .isZero();
                assertThat(await(start("add", "--url", server.url())).exitCode())
                        .isZero();
                follower.awaitLine(line -> line.contains("\"first_id\":1,"), WAIT);

                server.stopImmediately();
                run.awaitErrorLine(line -> line.contains("the database is away"), WAIT);
                follower.awaitErrorLine(line -> line.contains("the database is away"), WAIT);
                server.restart();
                run.awaitErrorLine(line -> line.contains("the database is back"), WAIT);
                follower.awaitErrorLine(line -> line.contains("the database is back"), WAIT);

                assertThat(await(start("add", "--url", server.url())).exitCode())
                        .isZero();
                assertThat(await(start("add", "--url", server.url())).exitCode())
                        .isZero();
                String last =
                        await(start("add", "--url", server.url())).output().get(0);
                assertThat(await(start("add", "--url", server.url())).exitCode())
                        .isZero();
                follower.awaitLine(line -> line.contains("\"first_id\":" + last + ","), WAIT);

                follower.terminate();
                run.terminate();
                assertThat(follower.awaitExit(WAIT)).isZero();
                assertThat(run.awaitExit(WAIT)).isZero();
                assertThat(follower.outputLines()).hasSize(3).doesNotHaveDuplicates();
                assertThat(follower.errorLines()).hasSize(2);
                assertThat(run.errorLines().stream().filter(line -> line.contains("database is")))
                        .hasSize(2);
            }
        }
    }

    @Test
    void dbIsFoundInItsDirectoryAndKeepsItsData() {
        try (PgmatchProcess db = start("db")) {
            String url = db.awaitLine(line -> line.startsWith("postgresql://"), WAIT);
            db.awaitLine(line -> line.contains("PostgreSQL is ready"), WAIT);
            assertThat(db.outputLines().get(0)).isEqualTo(url);

            assertThat(await(start("add")).output()).containsExactly("1");
            assertThat(await(start("status")).exitCode()).isZero();

            Outcome second = await(start("db"));
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.errors())
                    .last()
                    .asString()
                    .startsWith("pgmatch: ")
                    .contains(directory.toString());

            db.terminate();
            assertThat(db.awaitExit(WAIT)).isZero();
        }
        assertThat(await(start("status")).exitCode()).isEqualTo(2);
        try (PgmatchProcess db = start("db")) {
            db.awaitLine(line -> line.contains("PostgreSQL is ready"), WAIT);
            assertThat(await(start("tasks", "--format", "csv")).output()).hasSize(2);
            db.interrupt();
            assertThat(db.awaitExit(WAIT)).isZero();
        }
    }

    @Test
    void dbSaysWhenItsServerHasEnded() {
        try (PgmatchProcess db = start("db", "--data", "elsewhere")) {
            db.awaitLine(line -> line.contains("give pgmatch commands"), WAIT);
            long server = postmaster(db);
            ProcessHandle.of(server).orElseThrow().destroyForcibly();
            assertThat(db.awaitExit(WAIT)).isEqualTo(1);
            assertThat(db.errorLines()).last().asString().contains("has ended", "server.log");
        }
    }

    private long postmaster(PgmatchProcess db) {
        assertThat(db.isAlive()).isTrue();
        try {
            return Long.parseLong(Files.readAllLines(
                            directory.resolve("elsewhere").resolve("data").resolve("postmaster.pid"))
                    .get(0)
                    .strip());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private interface Telling {
        void to(PgmatchProcess process);
    }

    private PgmatchProcess start(String... arguments) {
        return PgmatchProcess.setup().in(directory).start(arguments);
    }

    private static Outcome await(PgmatchProcess process) {
        try (process) {
            return process.awaitOutcome(WAIT);
        }
    }
}
