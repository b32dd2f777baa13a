package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgmatch.testing.PgmatchProcess;
import io.pgmatch.testing.PgmatchProcess.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The three commands in the README of each example, run as it says: from a directory that holds the
 * examples, with {@code pgmatch db} running beside. The packaged jar stands in for the launcher, which
 * would build it anew.
 */
final class ExamplesIT {
    private static final Path EXAMPLES = Path.of("examples").toAbsolutePath();
    private static final Duration WAIT = Duration.ofSeconds(120);
    private static final String LAUNCHER = "./pgmatch ";

    /** Examples at a time: they have nothing to do with one another. */
    private static final int AT_ONCE = 2;

    private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);

    @TempDir
    Path directory;

    @AfterEach
    void endThreads() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(WAIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void theThreeCommandsOfEachReadmeMakePairs() throws Exception {
        Files.createSymbolicLink(directory.resolve("examples"), EXAMPLES);
        try (PgmatchProcess db = start("db")) {
            String url = db.awaitLine(line -> line.startsWith("postgresql://"), WAIT);
            db.awaitLine(line -> line.contains("PostgreSQL is ready"), WAIT);

            Map<String, Future<?>> runs = new LinkedHashMap<>();
            for (String example : examples()) {
                List<String> commands = threeCommands(example);
                runs.put(example, threads.submit(() -> commands.forEach(this::run)));
            }
            assertThat(runs).hasSizeGreaterThanOrEqualTo(5);
            for (Map.Entry<String, Future<?>> run : runs.entrySet()) {
                run.getValue().get(WAIT.toSeconds(), TimeUnit.SECONDS);
                assertPaired(run.getKey(), url);
            }

            Outcome audit = InThisProcess.pgmatch(List.of("verify", "--url", url));
            assertThat(audit.exitCode()).as("%s", audit).isZero();
            db.terminate();
            assertThat(db.awaitExit(WAIT)).isZero();
        }
    }

    private static List<String> examples() throws IOException {
        try (Stream<Path> directories = Files.list(EXAMPLES)) {
            return directories
                    .filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    /** The first block of commands after the README has promised three. */
    private static List<String> threeCommands(String example) throws IOException {
        String readme = Files.readString(EXAMPLES.resolve(example).resolve("README.md"));
        String promise = "Three commands run it, from the root of the clone, with `./pgmatch db` running";
        assertThat(readme).contains(promise);
        String block = readme.substring(readme.indexOf(promise)).split("```", -1)[1];
        List<String> commands = block.lines().skip(1).toList();
        assertThat(commands).as(example).hasSize(3).allMatch(line -> line.startsWith(LAUNCHER));
        return commands;
    }

    private void run(String command) {
        try (PgmatchProcess process = start(command.substring(LAUNCHER.length()).split(" "))) {
            Outcome outcome = process.awaitOutcome(WAIT);
            assertThat(outcome.exitCode()).as("%s: %s", command, outcome).isZero();
        }
    }

    /** Many have met; who has not may be asked about, as the README says. */
    private static void assertPaired(String example, String url) throws IOException {
        int tasks = Files.readAllLines(EXAMPLES.resolve(example).resolve("tasks.jsonl"))
                .size();
        JsonNode pairs = json("pairs", "--pool", example, "--url", url, "--format", "json");
        JsonNode waiting = json("tasks", "--pool", example, "--url", url, "--format", "json");
        assertThat(2 * pairs.size() + waiting.size()).as(example).isEqualTo(tasks);
        assertThat(pairs.size()).as("%s: pairs of %d tasks", example, tasks).isGreaterThan(tasks / 5);
        assertThat(waiting.size()).as("%s: waiting", example).isPositive();
        json("explain", "--pool", example, waiting.get(0).get("ref").asText(), "--url", url, "--format", "json");
    }

    private static JsonNode json(String... arguments) throws IOException {
        Outcome outcome = InThisProcess.pgmatch(new ArrayList<>(List.of(arguments)));
        assertThat(outcome.exitCode()).as("%s", outcome).isZero();
        return new ObjectMapper().readTree(String.join("\n", outcome.output()));
    }

    private PgmatchProcess start(String... arguments) {
        return PgmatchProcess.setup().in(directory).start(arguments);
    }
}
