package io.pgmatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.Scenario;
import io.pgmatch.model.SimulationResult;
import io.pgmatch.model.SimulationResult.SimulatedPair;
import io.pgmatch.testing.TestDatabase;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SimulatorTest {
    private static final Path CASES = Path.of("src/test/resources/cases");

    private static final String RATED = """
            {"attributes": {"rating": {"type": "number"}},
             "match": [{"distance": "rating", "max": 10, "widen": {"every": "5s", "by": 10, "limit": 30}}],
             "prefer": [{"nearest": "rating"}]}""";

    @RegisterExtension
    private final TestDatabase database = new TestDatabase();

    @Test
    void everyCaseComesOutAsExpected() throws IOException {
        Simulator simulator = Simulator.on(database.dataSource(), null);
        List<Path> cases;
        try (Stream<Path> files = Files.list(CASES)) {
            cases = files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
        assertThat(cases).hasSizeGreaterThan(6);
        for (Path file : cases) {
            SimulationResult result = simulator.run(Simulator.readCase(Files.readString(file)), done -> {});
            assertThat(result.judgement().differences()).as("%s", file).isEmpty();
            assertThat(result.judgement().expectations()).as("%s", file).isPositive();
        }
    }

    @Test
    void aDifferenceIsNamedWithItsTime() {
        Scenario scenario = Simulator.readCase("""
                {"name": "wrong", "rule": {"match": []}, "timeline": [
                  {"at": "0s", "add": [{"ref": "A", "attributes": {}}, {"ref": "B", "attributes": {}}]},
                  {"at": "1s", "refuse": [{"ref": "C", "attributes": {}}]},
                  {"at": "2.5s", "expect": {"pairs": [["A", "C"]], "waiting": ["C", "D"]}}]}""");

        assertThat(Simulator.on(database.dataSource(), null)
                        .run(scenario, done -> {})
                        .judgement()
                        .differences())
                .containsExactly(
                        "at 1s: C was taken in, wanted a refusal",
                        "at 2.5s: wanted the pair A and C",
                        "at 2.5s: got the pair A and B, which was not wanted",
                        "at 2.5s: wanted D to wait");
    }

    @Test
    void recordedArrivalsAreReplayedWithWaitsAndGaps() {
        Scenario arrivals = Simulator.readArrivals(
                "tasks",
                List.of(
                        "{\"at\": \"2026-05-01T10:00:03Z\", \"ref\": \"C\", \"attributes\": {\"rating\": 102.5}}",
                        "{\"at\": \"2026-05-01T10:00:00Z\", \"ref\": \"A\", \"attributes\": {\"rating\": 100}}",
                        "",
                        "{\"at\": \"2026-05-01T10:00:04Z\", \"ref\": \"D\", \"attributes\": {\"rating\": 200}}",
                        "{\"at\": \"2026-05-01T10:00:05Z\", \"attributes\": {\"rating\": 230}}",
                        "{\"at\": \"2026-05-01T10:00:06Z\", \"ref\": \"F\", \"attributes\": {}}",
                        "{\"at\": \"2026-05-01T10:00:07Z\", \"ref\": \"G\", \"attributes\": {\"rating\": 900},"
                                + " \"expiresIn\": \"1m\"}"));

        SimulationResult result = Simulator.on(database.dataSource(), null).run(arrivals, RATED, null, done -> {});

        assertThat(result.tasks().pairs())
                .extracting(SimulatedPair::at)
                .containsExactly(Duration.ofSeconds(3), Duration.ofSeconds(15));
        assertThat(result.tasks().pairs())
                .extracting(pair -> pair.second().ref())
                .containsExactly("C", "#4");
        assertThat(result.gapOf()).isEqualTo("rating");
        assertThat(result.gapPercentile(50)).contains(new BigDecimal("2.5"));
        assertThat(result.gapPercentile(99)).contains(new BigDecimal("30"));
        assertThat(result.waitPercentile(50)).contains(Duration.ofSeconds(3));
        assertThat(result.waitPercentile(99)).contains(Duration.ofSeconds(11));
        assertThat(result.tasks().waiting()).isEmpty();
        assertThat(result.tasks().retired()).isEqualTo(1);
        assertThat(result.ended()).isEqualTo(Duration.ofSeconds(67));
        assertThat(result.arrived()).isEqualTo(5);
        assertThat(result.matchRate()).isEqualTo(80);
        assertThat(result.refused())
                .singleElement()
                .asString()
                .startsWith("F at 6s: ")
                .contains("\"rating\"");
    }

    @Test
    void aSleeperIsSearchedForExactlyWhenItsRuleChanges() {
        Scenario scenario = Simulator.readArrivals(
                "tasks",
                List.of(
                        "{\"at\": \"0s\", \"ref\": \"A\", \"attributes\": {\"rating\": 100}}",
                        "{\"at\": \"1.25s\", \"ref\": \"B\", \"attributes\": {\"rating\": 119}}"));

        SimulationResult result = Simulator.on(database.dataSource(), null).run(scenario, RATED, null, done -> {});

        // A accepts B from 5 s on, B accepts A from 6.25 s on: then, not before, both do.
        assertThat(result.tasks().pairs())
                .singleElement()
                .extracting(SimulatedPair::at)
                .isEqualTo(Duration.ofMillis(6250));
        assertThat(result.asleep()).isZero();
    }

    @Test
    void aBrokenCaseIsNamedWithItsPlace() {
        assertRefused("{\"rule\": {\"match\": []}}", "timeline: wanted a list of entries, got nothing");
        assertRefused("{\"rule\": 1, \"timeline\": []}", "rule: wanted a rule, an object, got 1");
        assertRefused(
                "{\"rule\": {}, \"timeline\": [{\"at\": \"soon\"}]}",
                "timeline[0].at: wanted a duration such as \"1.5s\" or \"10m\", got \"soon\"");
        assertRefused(
                "{\"rule\": {}, \"timeline\": [{\"at\": \"1s\", \"ad\": []}]}",
                "timeline[0]: wanted the keys at, add, cancel, refuse, expect, got \"ad\"");
        assertRefused(
                "{\"rule\": {}, \"timeline\": [{\"at\": \"1s\"}, {\"at\": \"0s\"}]}",
                "timeline[1].at: wanted a time no earlier than the entry before, got \"0s\"");
        assertRefused(
                "{\"rule\": {}, \"timeline\": [{\"at\": \"1s\", \"expect\": {\"pairs\": [[\"A\"]]}}]}",
                "timeline[0].expect.pairs[0]: wanted the refs of two tasks, got [\"A\"]");
        assertThatThrownBy(() -> Simulator.readArrivals("a.jsonl", List.of("{}")))
                .isInstanceOf(PgmatchException.class)
                .hasMessageStartingWith("a.jsonl, line 1: at: wanted a duration");
        assertThatThrownBy(() -> Simulator.readArrivals(
                        "a.jsonl",
                        List.of(
                                "{\"at\": \"1s\", \"attributes\": {}}",
                                "{\"at\": \"2026-05-01\", \"attributes\": {}}")))
                .hasMessageContaining("got both");
    }

    private static void assertRefused(String json, String message) {
        assertThatThrownBy(() -> Simulator.readCase(json))
                .isInstanceOf(PgmatchException.class)
                .hasMessage(message);
    }
}
