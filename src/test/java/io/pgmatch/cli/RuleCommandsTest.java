package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.testing.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The commands about rules, from their arguments to what they print. */
class RuleCommandsTest {
    private static final String RULE = """
            {"attributes": {"mode": {"type": "text"}, "owner": {"type": "text", "optional": true}},
             "match": [{"equal": "mode"}, {"different": "owner"}]}""";

    @RegisterExtension
    private final TestDatabase database = new TestDatabase();

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream results = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @Test
    void ruleCheckNeedsNoDatabaseAndNamesFileAndPlace() throws IOException {
        assertThat(run("rule", "check", file("good.json", RULE))).isZero();
        assertThat(results())
                .contains("good.json is a rule")
                .contains("  match[0]  {\"equal\":\"mode\"}")
                .contains("not narrowed, so what the above leave is read in pages until a partner is found:")
                .contains("  match[1]  {\"different\":\"owner\"}");
        assertThat(run("rule", "check", "--format", "json", file("good.json", RULE)))
                .isZero();
        assertThat(results()).startsWith("""
                {"narrowed":[{"place":"match[0]","condition":{"equal":"mode"}}],"not_narrowed":[""");

        String bad = file("bad.json", "{\"match\": [{\"equals\": \"mode\"}]}");
        assertThat(run("rule", "check", bad)).isEqualTo(1);
        assertThat(errors()).startsWith("pgmatch: " + bad + ": match[0]").contains("did you mean \"equal\"?");
        assertThat(run("rule", "check", file("java.json", "{\"match\": [{\"java\": \"a.B\"}]}")))
                .isEqualTo(1);
        assertThat(errors()).contains("match[0].java").contains("--classpath");
        assertThat(run("rule", "check", "--classpath", "nowhere.jar", bad)).isEqualTo(1);
        assertThat(errors()).contains("--classpath: wanted jars and directories, got nowhere.jar");
        assertThat(run("rule")).isEqualTo(2);
    }

    @Test
    void poolCreateAndShowSayWhatIsNarrowed() throws IOException {
        assertThat(onDatabase("pool", "create", "p", "--rule", file("rule.json", RULE)))
                .isZero();
        assertThat(results()).contains("created pool p").contains("  match[1]  {\"different\":\"owner\"}");
        assertThat(onDatabase("pool", "show", "p")).isZero();
        assertThat(results()).contains("  match[0]  {\"equal\": \"mode\"}".replace(": ", ":"));
        assertThat(onDatabase("pool", "show", "p", "--format", "json")).isZero();
        assertThat(results()).contains("\"not_narrowed\":[{\"place\":\"match[1]\"");
    }

    @Test
    void poolRuleChangesTheRuleAndCountsWhatItRefuses() throws IOException {
        onDatabase("pool", "create", "p", "--rule", file("rule.json", RULE));
        onDatabase("add", "--pool", "p", "{\"mode\": \"a\"}");
        onDatabase("add", "--pool", "p", "{\"mode\": \"b\"}");
        String stricter = RULE.replace("{\"type\": \"text\"}", "{\"type\": \"text\", \"oneOf\": [\"a\"]}");

        assertThat(onDatabase("pool", "rule", "p", "--file", file("new.json", stricter)))
                .isZero();
        assertThat(results())
                .contains("pool p has version 2 of its rule")
                .contains("1 waiting task to be searched for again")
                .contains("1 waiting task refused and retired");
        assertThat(database.query("SELECT reason FROM pgmatch.retired_tasks"))
                .isEqualTo("refused: attribute \"mode\": wanted one of [\"a\"], got \"b\"");
        assertThat(onDatabase("pool", "rule", "p", "--file", file("bad.json", "{}")))
                .isEqualTo(1);
        assertThat(errors()).contains("bad.json: match");
        assertThat(onDatabase("pool", "rule", "q", "--file", file("rule.json", RULE)))
                .isEqualTo(1);
        assertThat(errors()).contains("pool \"q\": wanted an existing pool");
        assertThat(onDatabase("pool", "rule", "p")).isEqualTo(2);
    }

    @Test
    void explainShowsConditionsAsTableAndAsJson() throws IOException {
        onDatabase("pool", "create", "p", "--rule", file("rule.json", RULE));
        onDatabase("add", "--pool", "p", "--ref", "one", "{\"mode\": \"a\", \"owner\": \"x\"}");
        onDatabase("add", "--pool", "p", "--ref", "two", "{\"mode\": \"a\", \"owner\": \"x\"}");

        assertThat(onDatabase("explain", "--pool", "p", "one", "two")).isZero();
        assertThat(results())
                .contains("may not be paired now; that will not change")
                .contains("match[1] | no");
        assertThat(onDatabase("explain", "--pool", "p", "one")).isZero();
        assertThat(results())
                .contains("read 1 other waiting task: it may be paired with 0")
                .contains("the nearest miss is task");
        assertThat(onDatabase("explain", "--pool", "p", "one", "--format", "json"))
                .isZero();
        assertThat(results()).contains("\"legal\":0").contains("\"nearest\":{\"pool\":\"p\"");
        assertThat(onDatabase("explain", "--pool", "p", "three")).isEqualTo(1);
        assertThat(errors()).contains("got \"three\", which is none");
    }

    @Test
    void simulateRefusesWrongUsage() throws IOException {
        String rule = file("rule.json", RULE);
        assertThat(run("simulate")).isEqualTo(2);
        assertThat(run("simulate", "--tasks", rule)).isEqualTo(2);
        assertThat(run("simulate", rule, "--rule", rule)).isEqualTo(2);
        assertThat(onDatabase("simulate", rule)).isEqualTo(2);
        assertThat(errors()).contains("takes no --url");
        assertThat(run("simulate", rule)).isEqualTo(1);
        assertThat(errors())
                .contains("rule.json: case: wanted the keys name, source, rule, timeline, got \"attributes\"");
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    private int onDatabase(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--url");
        all.add(database.url());
        return run(all.toArray(String[]::new));
    }

    private int run(String... arguments) {
        results.reset();
        errors.reset();
        return Main.run(new Console(results, errors), Map.of(), List.of(arguments));
    }

    private String results() {
        return results.toString(StandardCharsets.UTF_8);
    }

    private String errors() {
        return errors.toString(StandardCharsets.UTF_8);
    }
}
