package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgmatch.store.Schema;
import io.pgmatch.testing.PgmatchProcess;
import io.pgmatch.testing.PgmatchProcess.Outcome;
import io.pgmatch.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The commands that end by themselves, as processes: what they print and how they exit. */
class CommandLineIT {
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final String CHESS =
            "{\"attributes\": {\"mode\": {\"type\": \"text\"}}, \"match\": [{\"equal\": \"mode\"}]}";

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @TempDir
    Path directory;

    @Test
    void helpAndVersionNeedNoDatabase() {
        Outcome help = pgmatch("--help");
        assertThat(help.exitCode()).isZero();
        assertThat(String.join("\n", help.output()))
                .contains("Usage: pgmatch", "--url", "--verbose")
                .contains("migrate", "pool ", "add ", "run ", "pairs ", "pair-of ", "tasks ", "cancel ", "status ")
                .contains("verify ", "db ");
        assertThat(pgmatch("--version").output()).singleElement().asString().matches("pgmatch \\d.*");
        for (String command : List.of("db", "migrate", "pool", "add", "run", "pairs", "tasks", "cancel", "status")) {
            Outcome one = InThisProcess.pgmatch(List.of(command, "--help"));
            assertThat(one.exitCode()).as(command).isZero();
            assertThat(one.output().get(0)).startsWith("Usage: pgmatch " + command);
        }
    }

    @Test
    void wrongUsageIsOneLineAndAHint() {
        for (List<String> arguments : List.<List<String>>of(
                List.of(),
                List.of("frob"),
                List.of("pool"),
                List.of("pool", "frob"),
                List.of("status", "--frob"),
                List.of("cancel"),
                List.of("cancel", "one"),
                List.of("pairs", "--format", "xml"),
                List.of("pairs", "--limit", "0"),
                List.of("run", "--batch", "x"),
                List.of("run", "--grace", "5"),
                List.of("add", "--expires-in", "0s"),
                List.of("db", "--url", "postgresql://h/d"))) {
            Outcome outcome = InThisProcess.pgmatch(arguments);
            assertThat(outcome.exitCode()).as("%s", arguments).isEqualTo(2);
            assertThat(outcome.output()).isEmpty();
            assertThat(outcome.errors()).singleElement().asString().matches("pgmatch: .*; see: pgmatch.* --help");
        }
    }

    @Test
    void theJarSaysWhereTheBenchmarksAre() {
        Outcome outcome = pgmatch("bench", "drain", "--tasks", "10");

        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.output()).isEmpty();
        assertThat(outcome.errors()).singleElement().asString().contains("./pgmatch bench");
    }

    @Test
    void aMatcherOutOfBoundsIsWrongUsage() {
        Map.of("--workers", 64, "--backlog-rounds", 1_000).forEach((option, most) -> {
            Outcome outcome = InThisProcess.pgmatch(List.of("run", option, "0"));

            assertThat(outcome)
                    .isEqualTo(new Outcome(
                            2,
                            List.of(),
                            List.of("pgmatch: %s: wanted 1 to %d, got 0; see: pgmatch run --help"
                                    .formatted(option, most))));
        });
    }

    @Test
    void aDatabaseMustBeNamed() {
        Outcome outcome = pgmatch("status");

        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.errors())
                .singleElement()
                .asString()
                .contains("--url", "DATABASE_URL", "PGHOST", "pgmatch db");
    }

    @Test
    void theDatabaseIsTakenFromTheEnvironment() {
        Outcome outcome = await(PgmatchProcess.setup()
                .in(directory)
                .with("DATABASE_URL", database.url())
                .start("status"));

        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.output()).contains("schema version " + Schema.VERSION);
    }

    @Test
    void aDatabaseThatCannotBeReachedIsOneLineWithoutThePassword() {
        for (String command : List.of("status", "migrate", "run", "pairs")) {
            Outcome outcome = pgmatch(command, "--url", "postgresql://u:s3cret@127.0.0.1:1/d");
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.errors())
                    .singleElement()
                    .asString()
                    .startsWith("pgmatch: cannot connect to postgresql://u@127.0.0.1:1/d")
                    .doesNotContain("s3cret");
        }
        assertThat(pgmatch("status", "postgresql://u:s3cret@127.0.0.1:1/d").errors())
                .noneMatch(line -> line.contains("s3cret"));
        assertThat(pgmatch("status", "--verbose", "--url", "postgresql://u:s3cret@127.0.0.1:1/d")
                        .errors())
                .hasSizeGreaterThan(1)
                .noneMatch(line -> line.contains("s3cret"));
    }

    @Test
    void everyCommandRefusesAnUnmigratedSchemaUntilItIsMigrated() {
        database.execute("DROP SCHEMA pgmatch CASCADE");
        for (List<String> arguments : List.<List<String>>of(
                List.of("pool", "create", "p"),
                List.of("pool", "list"),
                List.of("pool", "show", "p"),
                List.of("pool", "pause", "p"),
                List.of("pool", "resume", "p"),
                List.of("pool", "drop", "p"),
                List.of("add"),
                List.of("pairs"),
                List.of("pair-of", "1"),
                List.of("tasks"),
                List.of("cancel", "1"),
                List.of("status"),
                List.of("verify"))) {
            List<String> all = new ArrayList<>(arguments);
            all.addAll(List.of("--url", database.url()));
            assertUnmigrated(InThisProcess.pgmatch(all));
        }
        assertUnmigrated(on("run"));
        assertUnmigrated(on("pairs", "--follow"));

        Outcome dryRun = on("migrate", "--dry-run");
        assertThat(dryRun.exitCode()).isZero();
        assertThat(dryRun.output())
                .contains("-- V001__tables.sql", "-- V002__admission.sql", "CREATE TABLE pgmatch.tasks (");
        assertThat(database.query("SELECT to_regclass('pgmatch.tasks') IS NULL"))
                .isEqualTo("t");

        Outcome migrate = on("migrate");
        assertThat(migrate.exitCode()).isZero();
        assertThat(migrate.errors()).isEmpty();
        assertThat(migrate.output())
                .hasSize(Schema.VERSION + 1)
                .startsWith("applied V001__tables.sql", "applied V002__admission.sql")
                .endsWith("the schema has version " + Schema.VERSION);
        assertThat(again("migrate").output())
                .containsExactly("nothing to apply: the schema has version " + Schema.VERSION);
        assertThat(again("migrate", "--dry-run").output())
                .containsExactly("-- nothing to apply: the schema has version " + Schema.VERSION);
        assertThat(on("status").exitCode()).isZero();
    }

    @Test
    void aNewerSchemaIsRefused() {
        database.execute("""
                INSERT INTO pgmatch.schema_history
                SELECT installed_rank + 100, '99', description, type, script, checksum, installed_by, installed_on,
                    execution_time, success
                FROM pgmatch.schema_history WHERE version IS NOT NULL ORDER BY installed_rank DESC LIMIT 1
                """);

        for (String command : List.of("status", "run", "migrate")) {
            Outcome outcome = on(command);
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.errors()).singleElement().asString().contains("got version 99", "newer pgmatch");
        }
    }

    @Test
    void poolsAreCreatedListedPausedAndDropped() throws IOException {
        Path rule = Files.writeString(directory.resolve("chess.json"), CHESS);

        assertThat(on("pool", "create", "chess", "--rule", rule.toString()).output())
                .startsWith("created pool chess");
        assertThat(again("pool", "create", "any").exitCode()).isZero();
        assertThat(await(PgmatchProcess.setup()
                                .in(directory)
                                .withInput(CHESS)
                                .start("pool", "create", "go", "--rule", "-", "--url", database.url()))
                        .exitCode())
                .isZero();

        assertThat(again("pool", "list", "--format", "csv").output())
                .hasSize(5)
                .startsWith("name,paused,rule_version,created_at,rule")
                .anyMatch(line -> line.startsWith("any,false,1,"));
        JsonNode pools = json(again("pool", "list", "--format", "json"));
        assertThat(pools.findValuesAsText("name")).containsExactly("any", "chess", "default", "go");
        assertThat(pools.get(1).at("/rule/match/0/equal").asText()).isEqualTo("mode");
        assertThat(on("pool", "list").output()).anyMatch(line -> line.contains("chess") && line.contains("no"));

        assertThat(on("pool", "pause", "chess").output()).containsExactly("paused pool chess");
        assertThat(on("pool", "show", "chess").output())
                .anyMatch(line -> line.matches("name +chess"))
                .anyMatch(line -> line.matches("paused +yes"))
                .anyMatch(line -> line.startsWith("rule ") && line.contains("\"equal\": \"mode\""));
        assertThat(on("pool", "resume", "chess").output()).containsExactly("resumed pool chess");
        assertThat(json(again("pool", "show", "chess", "--format", "json"))
                        .get("paused")
                        .asBoolean())
                .isFalse();

        assertThat(on("add", "--pool", "chess", "{\"mode\": \"blitz\"}").exitCode())
                .isZero();
        Outcome refused = on("pool", "drop", "chess");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.errors()).singleElement().asString().contains("--retire");
        assertThat(on("pool", "drop", "chess", "--retire").output())
                .containsExactly("dropped pool chess, 1 task retired");
        assertThat(on("pool", "drop", "any").output()).containsExactly("dropped pool any");
        assertThat(again("pool", "drop", "any").exitCode()).isEqualTo(1);
    }

    @Test
    void tasksAreAddedPairedCancelledAndAudited() {
        String first = on("add", "--ref", "one", "{\"name\": \"é☃\"}").output().get(0);
        String second = await(PgmatchProcess.setup()
                        .in(directory)
                        .with("LC_ALL", "C")
                        .start("add", "--url", database.url(), "{\"name\": \"é☃\"}"))
                .output()
                .get(0);
        String third = await(PgmatchProcess.setup()
                        .in(directory)
                        .withInput("{\"name\": \"from stdin\"}")
                        .start("add", "--expires-in", "1h", "--url", database.url(), "-"))
                .output()
                .get(0);
        assertThat(database.query("SELECT count(*) FROM pgmatch.tasks WHERE attributes ->> 'name' = 'é☃'"))
                .isEqualTo("2");

        JsonNode tasks = json(again("tasks", "--format", "json"));
        assertThat(tasks.findValuesAsText("id")).containsExactly(first, second, third);
        assertThat(tasks.get(0).get("ref").asText()).isEqualTo("one");
        assertThat(tasks.get(0).get("state").asText()).isEqualTo("fresh");
        assertThat(tasks.get(0).get("search_in").asInt()).isZero();
        assertThat(tasks.get(0).get("waited").isNumber()).isTrue();
        assertThat(tasks.get(2).get("expires_at").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
        assertThat(again("tasks", "--limit", "1").output())
                .hasSize(4)
                .endsWith("… and more: --limit shows as many as it says");

        Outcome left = on("verify", "--at-rest");
        assertThat(left.exitCode()).isEqualTo(1);
        assertThat(left.errors()).containsExactly("pgmatch: the audit found 1 legal pair not made (L1)");
        assertThat(again("verify").exitCode()).isZero();

        Outcome run = on("run", "--drain", "--pools", "default", "--workers", "2", "--batch", "10");
        assertThat(run.exitCode()).isZero();
        assertThat(run.output()).isEmpty();
        assertThat(run.errors().get(0))
                .contains("matching in postgresql://", "pools default", "2 workers", "up to 10 tasks");
        assertThat(run.errors().get(run.errors().size() - 1)).contains("1 pair made in");

        assertThat(on("tasks").output().get(2)).contains("parked", "by a newcomer");
        JsonNode pairs = json(again("pairs", "--format", "json"));
        assertThat(pairs).hasSize(1);
        assertThat(pairs.get(0).get("first_id").asText()).isEqualTo(first);
        assertThat(pairs.get(0).get("second_id").asText()).isEqualTo(second);
        assertThat(pairs.get(0).at("/first_attributes/name").asText()).isEqualTo("é☃");
        assertThat(again("pairs", "--pool", "default", "--limit", "1").output()).hasSize(3);
        assertThat(again("pairs", "--format", "csv").output())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("pool,first_id,second_id,first_ref,second_ref,first_attributes");
        assertThat(json(again("pair-of", second, "--format", "json"))
                        .get("first_ref")
                        .asText())
                .isEqualTo("one");
        assertThat(on("pair-of", first).output()).anyMatch(line -> line.matches("second id +" + second));
        Outcome unpaired = again("pair-of", third);
        assertThat(unpaired.exitCode()).isEqualTo(1);
        assertThat(unpaired.errors()).singleElement().asString().startsWith("pgmatch: task " + third);

        assertThat(on("cancel", first)).isEqualTo(new Outcome(1, List.of("matched with " + second), List.of()));
        assertThat(on("cancel", "--pool", "default", third)).isEqualTo(new Outcome(0, List.of("cancelled"), List.of()));
        assertThat(again("cancel", third)).isEqualTo(new Outcome(0, List.of("cancelled"), List.of()));
        assertThat(again("cancel", "999999")).isEqualTo(new Outcome(1, List.of("unknown"), List.of()));

        JsonNode status = json(again("status", "--format", "json"));
        assertThat(status.get("schema_version").asInt()).isEqualTo(Schema.VERSION);
        assertThat(status.at("/pools/0").toString())
                .isEqualTo("{\"pool\":\"default\",\"paused\":false,\"waiting\":0,\"due\":0,\"oldest_wait\":null,"
                        + "\"pairs\":1,\"pairs_last_minute\":1,\"retired\":1}");
        assertThat(again("status", "--format", "csv").output())
                .containsExactly(
                        "pool,paused,waiting,due,oldest_wait,pairs,pairs_last_minute,retired,schema_version",
                        "default,false,0,0,,1,1,1," + Schema.VERSION);

        Outcome holds = on("verify", "--at-rest", "--pool", "default");
        assertThat(holds.exitCode()).isZero();
        assertThat(holds.output()).last().asString().contains("the audit holds");
        assertThat(json(again("verify", "--format", "json")).at("/0/safe").asBoolean())
                .isTrue();
    }

    @Test
    void aBreachIsNamedAndFails() {
        database.execute("INSERT INTO pgmatch.task_tally VALUES ('default', 3)");

        Outcome table = on("verify");
        assertThat(table.exitCode()).isEqualTo(1);
        assertThat(table.output())
                .anyMatch(line -> line.startsWith("pool default: S2: 3 tasks inserted, but 0 waiting"));
        assertThat(table.errors()).containsExactly("pgmatch: the audit found 1 breach of S1 to S3");
        Outcome json = again("verify", "--format", "json");
        assertThat(json.exitCode()).isEqualTo(1);
        assertThat(json(json).at("/0/breaches/0").asText()).startsWith("S2: ");

        database.execute("DELETE FROM pgmatch.task_tally");
    }

    @Test
    void aReaderThatLeavesIsNoError() throws Exception {
        database.execute("INSERT INTO pgmatch.tasks (attributes) SELECT '{}' FROM generate_series(1, 20000)");
        assertThat(on("run", "--drain").exitCode()).isZero();

        Process head = new ProcessBuilder(
                        "sh",
                        "-c",
                        "\"$0\" -jar \"$1\" pairs --limit 10000 --format json --url \"$2\" 2>\"$3\" | head -1; echo done",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        System.getProperty("pgmatch.jar"),
                        database.url(),
                        directory.resolve("errors").toString())
                .redirectErrorStream(true)
                .start();
        try (var output = head.inputReader()) {
            assertThat(output.lines()).containsExactly("[", "done");
        }
        assertThat(directory.resolve("errors")).isEmptyFile();
    }

    private static void assertUnmigrated(Outcome outcome) {
        assertThat(outcome)
                .isEqualTo(new Outcome(
                        1,
                        List.of(),
                        List.of("pgmatch: schema: wanted version " + Schema.VERSION
                                + ", got a database without the schema pgmatch;"
                                + " create it with: pgmatch migrate")));
    }

    private Outcome on(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--url", database.url()));
        return pgmatch(all.toArray(String[]::new));
    }

    /** A command that has had its process elsewhere in this class. */
    private Outcome again(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--url", database.url()));
        return InThisProcess.pgmatch(all);
    }

    private Outcome pgmatch(String... arguments) {
        return await(PgmatchProcess.setup().in(directory).start(arguments));
    }

    private static Outcome await(PgmatchProcess process) {
        try (process) {
            return process.awaitOutcome(WAIT);
        }
    }

    private static JsonNode json(Outcome outcome) {
        try {
            return new ObjectMapper().readTree(String.join("\n", outcome.output()));
        } catch (IOException e) {
            throw new AssertionError(outcome.toString(), e);
        }
    }
}
