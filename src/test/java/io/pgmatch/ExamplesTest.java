package io.pgmatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.model.Scenario;
import io.pgmatch.model.SimulationResult;
import io.pgmatch.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExamplesTest {
    private static final Path EXAMPLES = Path.of("examples");

    @RegisterExtension
    private final TestDatabase database = new TestDatabase();

    static Stream<String> examples() {
        return Stream.of("chess", "mentors", "order-book", "payments", "riders");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void theRuleTakesAllTasksInAndPairsMostOfThem(String example) throws IOException {
        Path directory = EXAMPLES.resolve(example);
        String rule = Files.readString(directory.resolve("rule.json"));
        List<String> lines = Files.readAllLines(directory.resolve("tasks.jsonl"));
        Scenario arrivals = Simulator.readArrivals(example, lines);

        SimulationResult result = Simulator.on(database.dataSource(), null).run(arrivals, rule, null, done -> {});

        assertThat(lines).hasSizeBetween(20, 40);
        assertThat(result.refused()).isEmpty();
        assertThat(result.arrived()).isEqualTo(lines.size());
        assertThat(result.matchRate()).isBetween(50.0, 99.0);
        assertThat(result.gapOf()).isNotNull();
        assertThat(result.asleep()).isZero();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void theReadmeNamesTheCommandsThatRunIt(String example) throws IOException {
        assertThat(Files.readString(EXAMPLES.resolve(example).resolve("README.md")))
                .contains("./pgmatch pool create " + example + " --rule examples/" + example + "/rule.json")
                .contains("./pgmatch add --pool " + example + " --file examples/" + example + "/tasks.jsonl")
                .contains("./pgmatch run --pools " + example + " --drain")
                .contains("./pgmatch simulate --tasks examples/" + example + "/tasks.jsonl --rule examples/" + example
                        + "/rule.json");
    }

    @Test
    void aStricterRuleGivesSmallerGapsForLongerWaits() throws IOException {
        Path chess = EXAMPLES.resolve("chess");
        String rule = Files.readString(chess.resolve("rule.json"));
        String stricter = Files.readString(chess.resolve("stricter.json"));
        Scenario arrivals = Simulator.readArrivals("chess", Files.readAllLines(chess.resolve("tasks.jsonl")));
        Simulator simulator = Simulator.on(database.dataSource(), null);

        SimulationResult wide = simulator.run(arrivals, rule, null, done -> {});
        SimulationResult strict = simulator.run(arrivals, stricter, rule, done -> {});

        assertThat(strict.gapOf()).isEqualTo("rating");
        assertThat(strict.gapPercentile(95).orElseThrow())
                .isLessThan(wide.gapPercentile(95).orElseThrow());
        assertThat(strict.waitPercentile(99).orElseThrow())
                .isGreaterThan(wide.waitPercentile(99).orElseThrow());
    }

    @Test
    void noExampleIsForgotten() throws IOException {
        try (Stream<Path> directories = Files.list(EXAMPLES)) {
            assertThat(directories
                            .filter(Files::isDirectory)
                            .map(path -> path.getFileName().toString()))
                    .containsAll(examples().toList());
        }
    }
}
