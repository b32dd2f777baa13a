package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.Pgmatch;
import io.pgmatch.testing.JavaProcess;
import io.pgmatch.testing.PgmatchProcess.Outcome;
import io.pgmatch.testing.TestDatabase;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code pgmatch add --file}. */
final class AddFileTest {
    private static final String CHESS = """
            {"attributes": {"mode": "text", "rating": {"type": "number"}, "rated": {"type": "boolean", "optional": true}},
             "match": [{"equal": "mode"}]}
            """;
    private static final String BATCH = "5f0c7a52-3a3d-4c62-9a94-5a8f0d7f2a11";

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @TempDir
    Path directory;

    @BeforeEach
    void createPool() {
        Pgmatch.on(database.dataSource())
                .createPool("chess", CHESS.replace("\"mode\": \"text\"", "\"mode\": {\"type\": \"text\"}"));
    }

    private Path file(String name, String... lines) throws IOException {
        return Files.writeString(directory.resolve(name), String.join("\n", lines) + "\n");
    }

    private Outcome add(Path file, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("add", "--pool", "chess", "--url", database.url(), "--no-progress", "--file", file.toString()));
        arguments.addAll(List.of(more));
        return InThisProcess.pgmatch(arguments);
    }

    @Test
    void linesGoInAndRefusedOnesAreToldWithNumberAndReason() throws Exception {
        Path refused = directory.resolve("refused.jsonl");
        Outcome outcome = add(
                file(
                        "tasks.jsonl",
                        "{\"mode\": \"blitz\", \"rating\": 1500}",
                        "{\"ref\": \"r1\", \"expires_in\": \"1h\", \"attributes\": {\"mode\": \"blitz\", \"rating\": 1.50}}",
                        "",
                        "{\"mode\": \"blitz\"}",
                        "{\"mode\": ",
                        "{\"ref\": \"r1\", \"attributes\": {\"mode\": \"blitz\", \"rating\": 2}}",
                        "{\"at\": \"0s\", \"ref\": \"r2\", \"attributes\": {\"mode\": \"blitz\", \"rating\": 3}}"),
                "--refused",
                refused.toString());
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.output()).singleElement().asString().startsWith("3 tasks inserted, 3 refused; ");
        assertThat(outcome.errors())
                .hasSize(3)
                .anyMatch(line -> line.equals("line 4: pool \"chess\", attribute \"rating\": wanted a number within"
                        + " ±1e100 with at most 100 decimals, got nothing"))
                .anyMatch(line -> line.startsWith("line 5: pool \"chess\", attributes: wanted JSON, got an error"))
                .anyMatch(line -> line.startsWith("line 6: pool \"chess\", ref: wanted one that does not wait yet"));
        assertThat(Files.readAllLines(refused))
                .hasSize(3)
                .anyMatch(line -> line.startsWith("{\"line\":4,\"reason\":")
                        && line.endsWith("\"text\":\"{\\\"mode\\\": \\\"blitz\\\"}\"}"));
        assertThat(database.queryAll(
                        "SELECT coalesce(ref, '-') || ' ' || attributes::text FROM pgmatch.tasks ORDER BY id"))
                .containsExactly(
                        "- {\"mode\": \"blitz\", \"rating\": 1500}",
                        "r1 {\"mode\": \"blitz\", \"rating\": 1.50}",
                        "r2 {\"mode\": \"blitz\", \"rating\": 3}");
        assertThat(database.query("SELECT (expires_at - inserted_at)::text FROM pgmatch.tasks WHERE ref = 'r1'"))
                .isEqualTo("01:00:00");
    }

    @Test
    void csvTakesTheTypesOfTheRule() throws Exception {
        Outcome outcome = add(file(
                "tasks.CSV",
                "ref,mode,rating,rated,other",
                "a,12,1500,true,7",
                "\"b,\"\"2\"\"\",\"two",
                "lines\",1e3,,[1]",
                "c,blitz,many,,",
                "d,blitz",
                "é,blitz,2,false,0123"));
        assertThat(outcome.output()).singleElement().asString().startsWith("3 tasks inserted, 2 refused; ");
        assertThat(outcome.errors())
                .containsExactlyInAnyOrder(
                        "line 5: pool \"chess\", attribute \"rating\": wanted a number within ±1e100 with at most 100"
                                + " decimals, got \"many\"",
                        "line 6: wanted 5 cells as in the header, got 2");
        assertThat(database.queryAll("SELECT ref || ' ' || attributes::text FROM pgmatch.tasks ORDER BY id"))
                .containsExactly(
                        "a {\"mode\": \"12\", \"other\": 7, \"rated\": true, \"rating\": 1500}",
                        "b,\"2\" {\"mode\": \"two\\nlines\", \"other\": [1], \"rating\": 1000}",
                        "é {\"mode\": \"blitz\", \"other\": \"0123\", \"rated\": false, \"rating\": 2}");
    }

    @Test
    void aFileSentTwiceUnderOneBatchIdIsInsertedOnce() throws Exception {
        Path file = lines(12_000);
        Files.writeString(file, "{\"mode\": 1}\n", StandardOpenOption.APPEND);
        Outcome first = add(file, "--batch-id", BATCH);
        assertThat(first.exitCode()).isEqualTo(1);
        assertThat(first.output()).singleElement().asString().startsWith("12000 tasks inserted, 1 refused; ");
        Outcome second = add(file, "--batch-id", BATCH);
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.output())
                .singleElement()
                .asString()
                .startsWith("0 tasks inserted, 0 refused, 12000 inserted earlier under this batch id,"
                        + " 1 refused then or added since; ");
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(12_000);
    }

    @Test
    void aKillInTheMiddleAndTheFileSentAgainInsertsEachLineOnce() throws Exception {
        Path file = lines(60_000);
        Process killed = process(file, "--batch-id", BATCH);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> database.count("SELECT count(*) FROM pgmatch.insert_batches") >= 2);
        killed.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        long before = database.count("SELECT count(*) FROM pgmatch.tasks");
        Process again = process(file, "--batch-id", BATCH);
        assertThat(again.waitFor(90, TimeUnit.SECONDS)).isTrue();
        assertThat(again.exitValue())
                .as(Files.readString(directory.resolve("log")))
                .isZero();
        assertThat(before).isBetween(1L, 60_000L);
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(60_000);
        assertThat(database.count("SELECT count(DISTINCT attributes -> 'rating') FROM pgmatch.tasks"))
                .isEqualTo(60_000);
    }

    @Test
    void aFileThatGrowsIsFollowedUntilASignal() throws Exception {
        Path file = file("tasks.jsonl", "{\"mode\": \"blitz\", \"rating\": 1}");
        Process process = process(file, "--follow");
        awaitTasks(1);
        Files.writeString(file, "{\"mode\": \"blitz\", ", StandardOpenOption.APPEND);
        Files.writeString(file, "\"rating\": 2}\n", StandardOpenOption.APPEND);
        awaitTasks(2);
        // By its handle, which leaves what it has written to be read.
        process.toHandle().destroy();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("2 tasks inserted, 0 refused; ");
    }

    @Test
    void standardInputIsReadAsItComes() throws Exception {
        Process process = process(Path.of("-"));
        try (BufferedWriter input = process.outputWriter(StandardCharsets.UTF_8)) {
            input.write("{\"mode\": \"blitz\", \"rating\": 1}\n");
            input.flush();
            awaitTasks(1);
            input.write("{\"mode\": \"blitz\", \"rating\": 2}");
        }
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isEqualTo(2);
    }

    @Test
    void whatMakesNoSenseIsWrongUsage() throws Exception {
        Path file = file("tasks.jsonl", "{}");
        assertThat(add(file, "--ref", "r").exitCode()).isEqualTo(2);
        assertThat(add(file, "--follow", "--batch-id", BATCH).exitCode()).isEqualTo(2);
        assertThat(add(directory.resolve("none")).exitCode()).isEqualTo(1);
        assertThat(InThisProcess.pgmatch(List.of("add", "--url", database.url(), "--follow", "{}"))
                        .exitCode())
                .isEqualTo(2);
    }

    private void awaitTasks(int count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> database.count("SELECT count(*) FROM pgmatch.tasks") == count);
    }

    private Path lines(int count) throws IOException {
        Path file = directory.resolve("tasks.jsonl");
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (int i = 0; i < count; i++) {
                writer.write("{\"mode\": \"blitz\", \"rating\": " + i + "}\n");
            }
        }
        return file;
    }

    private Process process(Path file, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("add", "--pool", "chess", "--url", database.url(), "--no-progress", "--file", file.toString()));
        arguments.addAll(List.of(more));
        return JavaProcess.start(directory.resolve("log"), Main.class, arguments.toArray(String[]::new));
    }
}
