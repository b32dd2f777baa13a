package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgmatch.testing.PgmatchProcess;
import io.pgmatch.testing.PgmatchProcess.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code simulate} as a process, with no database but its own. All processes start together, since each
 * spends most of its time on a server.
 */
final class SimulateIT {
    private static final Duration WAIT = Duration.ofSeconds(120);
    private static final Path CHESS = Path.of("examples", "chess").toAbsolutePath();

    /** By the first bound ada and bob are too far apart; at 5 s both accept 150. */
    private static final String CASE = """
            {"name": "three seeks",
             "rule": {"attributes": {"rating": {"type": "number"}},
                      "match": [{"distance": "rating", "max": 100, "widen": {"every": "5s", "by": 50, "limit": 200}}],
                      "prefer": [{"nearest": "rating"}]},
             "timeline": [
               {"at": "0s", "add": [{"ref": "ada", "attributes": {"rating": 1500}},
                                    {"ref": "bob", "attributes": {"rating": 1620}}]},
               {"at": "1s", "add": [{"ref": "cem", "attributes": {"rating": 1900}}],
                            "expect": {"pairs": [], "waiting": ["ada", "bob", "cem"]}},
               {"at": "%s", "expect": {"pairs": [["ada", "bob"]], "waiting": ["cem"]}}]}""";

    @TempDir
    static Path directory;

    private static final List<PgmatchProcess> PROCESSES = new ArrayList<>();
    private static PgmatchProcess table;
    private static PgmatchProcess json;
    private static PgmatchProcess failing;
    private static PgmatchProcess compared;

    @BeforeAll
    static void startAll() throws IOException {
        String holds = Files.writeString(directory.resolve("holds.json"), CASE.formatted("5s"))
                .toString();
        String fails = Files.writeString(directory.resolve("fails.json"), CASE.formatted("4.5s"))
                .toString();
        table = simulate(holds);
        json = simulate(holds, "--format", "json");
        failing = simulate(fails, "--format", "json");
        compared = simulate(
                "--tasks",
                CHESS.resolve("tasks.jsonl").toString(),
                "--rule",
                CHESS.resolve("rule.json").toString(),
                "--compare",
                CHESS.resolve("stricter.json").toString());
    }

    @AfterAll
    static void endAll() {
        PROCESSES.forEach(PgmatchProcess::close);
    }

    @Test
    void aCaseThatHoldsShowsPairsFiguresAndWhoIsLeft() {
        Outcome outcome = table.awaitOutcome(WAIT);

        assertThat(outcome.errors()).isEmpty();
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.output().get(0)).isEqualTo("three seeks");
        assertThat(outcome.output().get(3)).matches(" 5s \\| ada +\\| bob +\\| 5s +\\| 5s +\\| 120 *");
        assertThat(outcome.output().subList(4, outcome.output().size()))
                .containsExactly(
                        "",
                        "tasks: 3",
                        "pairs: 1",
                        "match rate: 66.7 %",
                        "waiting: 1",
                        "cancelled or expired: 0",
                        "refused: 0",
                        "wait p50: 5s",
                        "wait p95: 5s",
                        "wait p99: 5s",
                        "gap of rating p50: 120",
                        "gap of rating p95: 120",
                        "gap of rating p99: 120",
                        "left waiting at 5s, 1 of them to be searched for again:",
                        "  cem, since 1s",
                        "all 4 expectations hold");
    }

    @Test
    void theSameForPrograms() throws IOException {
        Outcome outcome = json.awaitOutcome(WAIT);

        assertThat(outcome.errors()).isEmpty();
        assertThat(outcome.exitCode()).isZero();
        JsonNode result = read(outcome);
        assertThat(result.at("/pairs").toString())
                .isEqualTo("[{\"at\":5,\"first\":\"ada\",\"second\":\"bob\",\"first_waited\":5,"
                        + "\"second_waited\":5,\"gap\":120}]");
        assertThat(result.at("/waiting").toString()).isEqualTo("[{\"ref\":\"cem\",\"arrived\":1}]");
        assertThat(result.at("/match_rate_percent").asDouble()).isEqualTo(66.7);
        assertThat(result.at("/wait_p95").asInt()).isEqualTo(5);
        assertThat(result.at("/gap_of").asText()).isEqualTo("rating");
        assertThat(result.at("/gap_p99").asInt()).isEqualTo(120);
        assertThat(result.at("/expectations").asInt()).isEqualTo(4);
        assertThat(result.at("/differences")).isEmpty();
    }

    @Test
    void anExpectationThatFailsExitsWithOneAndTheDifferences() throws IOException {
        Outcome outcome = failing.awaitOutcome(WAIT);

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.errors())
                .containsExactly("pgmatch: the case came out differently in 3 places:"
                        + " at 4.5s: wanted the pair ada and bob; …");
        JsonNode result = read(outcome);
        assertThat(result.at("/pairs")).isEmpty();
        assertThat(result.at("/differences").toString())
                .isEqualTo("[\"at 4.5s: wanted the pair ada and bob\","
                        + "\"at 4.5s: ada waits, which was not wanted\","
                        + "\"at 4.5s: bob waits, which was not wanted\"]");
    }

    @Test
    void recordedArrivalsAreReplayedUnderTwoRulesSideBySide() throws IOException {
        int arrivals = Files.readAllLines(CHESS.resolve("tasks.jsonl")).size();
        Outcome outcome = compared.awaitOutcome(WAIT);

        assertThat(outcome.errors()).isEmpty();
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.output().get(0)).endsWith("tasks.jsonl");
        assertThat(outcome.output().get(1)).matches(" figure +\\| rule +\\| compare *");
        assertThat(figure(outcome, "tasks")).containsExactly(arrivals + "", arrivals + "");
        assertThat(figure(outcome, "match rate")).allMatch(rate -> rate.matches("\\d+\\.\\d %"));
        assertThat(outcome.output())
                .anyMatch(line -> line.startsWith(" pairs "))
                .anyMatch(line -> line.startsWith(" waiting "))
                .anyMatch(line -> line.startsWith(" wait p50 "))
                .anyMatch(line -> line.startsWith(" wait p95 "));
        // The stricter rule gives closer games for longer waits.
        assertThat(seconds(figure(outcome, "wait p99").get(1)))
                .isGreaterThan(seconds(figure(outcome, "wait p99").get(0)));
        assertThat(Double.parseDouble(figure(outcome, "gap of rating p95").get(1)))
                .isLessThan(
                        Double.parseDouble(figure(outcome, "gap of rating p95").get(0)));
    }

    /** What the table says of a figure: by the rule, and by the other. */
    private static List<String> figure(Outcome outcome, String name) {
        String line = outcome.output().stream()
                .filter(each -> each.matches(" " + name + " +\\|.*"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + outcome));
        String[] cells = line.split("\\|");
        assertThat(cells).hasSize(3);
        return List.of(cells[1].strip(), cells[2].strip());
    }

    private static double seconds(String shown) {
        assertThat(shown).endsWith("s");
        return Double.parseDouble(shown.substring(0, shown.length() - 1));
    }

    private static JsonNode read(Outcome outcome) throws IOException {
        return new ObjectMapper()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .readTree(String.join("\n", outcome.output()));
    }

    private static PgmatchProcess simulate(String... arguments) {
        List<String> command = new ArrayList<>(List.of("simulate"));
        command.addAll(List.of(arguments));
        PgmatchProcess process = PgmatchProcess.setup().in(directory).start(command.toArray(String[]::new));
        PROCESSES.add(process);
        return process;
    }
}
