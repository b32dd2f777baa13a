package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgmatch.bench.Scenario;
import io.pgmatch.bench.Suite;
import io.pgmatch.testing.PgmatchProcess.Outcome;
import io.pgmatch.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** That the benchmark runs, tiny: what it yields then means nothing, and no time is asserted. */
class BenchCommandTest {
    @RegisterExtension
    private final TestDatabase database = new TestDatabase();

    @TempDir
    private Path directory;

    @Test
    void allScenariosRunAndAreReported() throws Exception {
        Outcome outcome = InThisProcess.pgmatch(
                List.of("bench", "all", "--quick", "--format", "json", "--report", directory.toString()));

        assertThat(outcome.exitCode()).as("%s", outcome.errors()).isZero();
        JsonNode printed = new ObjectMapper().readTree(String.join("\n", outcome.output()));
        JsonNode written = new ObjectMapper().readTree(Files.readString(directory.resolve("bench.json")));
        assertThat(printed).isEqualTo(written);
        assertThat(written.at("/machine/fsync").asText()).isEqualTo("on");
        assertThat(written.at("/machine/synchronous_commit").asText()).isEqualTo("on");
        Set<String> scenarios = new TreeSet<>();
        for (JsonNode run : written.get("runs")) {
            scenarios.add(run.get("scenario").asText());
            assertThat(run.get("failure").isNull()).as("%s", run).isTrue();
            assertThat(run.get("figures")).as("%s", run).isNotEmpty();
            assertThat(run.get("figures"))
                    .as("%s", run)
                    .allSatisfy(figure ->
                            assertThat(figure.get("median").asDouble()).isNotNegative());
            // Nothing must be reached beside others.
            if (!run.get("scenario").asText().equals("peers")) {
                assertThat(run.get("figures"))
                        .as("%s", run)
                        .anySatisfy(figure ->
                                assertThat(figure.get("reached").isBoolean()).isTrue());
            }
        }
        assertThat(scenarios)
                .isEqualTo(
                        Suite.scenarios().stream().map(Scenario::name).collect(Collectors.toCollection(TreeSet::new)));
        Document page = wellFormed(directory.resolve("report.html"));
        assertThat(page.getElementsByTagName("svg").getLength()).isGreaterThan(scenarios.size());
        assertThat(page.getElementsByTagName("script").getLength()).isZero();
    }

    @Test
    void aNamedDatabaseKeepsWhatItHasAndNothingElse() {
        database.execute("UPDATE pgmatch.pools SET paused = true");
        database.execute("INSERT INTO pgmatch.tasks DEFAULT VALUES");
        String before = rows();

        Outcome outcome = bench("drain", "--tasks", "100", "--rounds", "1", "--format", "csv");

        assertThat(outcome.exitCode()).as("%s", outcome.errors()).isZero();
        assertThat(outcome.output()).hasSize(1 + 6);
        assertThat(outcome.output().get(1)).startsWith("drain,1 connection,");
        assertThat(rows()).isEqualTo(before);
        assertThat(database.count("SELECT count(*) FROM pgmatch.pools")).isEqualTo(1);
    }

    @Test
    void whatDoesNotFitIsWrongUsage() {
        assertWrongUsage("no scenario is given");
        assertWrongUsage("--tasks: wanted 2 to 100000000, got 0", "drain", "--tasks", "0");
        assertWrongUsage("wanted equal, distance or sides, got \"x\"", "drain", "--rule", "x");
        assertWrongUsage("--waiting: wanted two or more numbers that grow", "flat", "--waiting", "20,10");
        assertWrongUsage("missing required option", "all");
        assertWrongUsage("got \"x\"", "all", "--report", directory.toString(), "--only", "x");
    }

    private void assertWrongUsage(String message, String... arguments) {
        Outcome outcome = bench(arguments);
        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.errors()).singleElement().asString().contains(message);
    }

    private Outcome bench(String... arguments) {
        List<String> all = new ArrayList<>(List.of("bench"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--url", database.url()));
        return InThisProcess.pgmatch(all);
    }

    /** Everything in the tables that the benchmark writes into. */
    private String rows() {
        return database.query("""
                SELECT concat_ws(' / ',
                    (SELECT string_agg(t::text, ', ') FROM pgmatch.tasks AS t),
                    (SELECT count(*) FROM pgmatch.matched_pairs),
                    (SELECT count(*) FROM pgmatch.retired_tasks),
                    (SELECT string_agg(t::text, ', ') FROM pgmatch.task_tally AS t),
                    (SELECT count(*) FROM pgmatch.pool_rules))
                """);
    }

    private static Document wellFormed(Path page) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(page.toFile());
    }
}
