package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.testing.PgmatchProcess;
import io.pgmatch.testing.PgmatchProcess.Outcome;
import io.pgmatch.testing.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Bad input at the command line: one line that names the thing, what was wanted and what came. */
class BadInputIT {
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final String RULE = """
            {"attributes": {"mode": {"type": "text"}, "rating": {"type": "number", "optional": true}},
             "match": [{"equal": "mode"}]}
            """;

    private static final String NO_POOL =
            "pool \"nope\": wanted an existing pool, got none of that name; create it with: pgmatch pool create";

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @TempDir
    Path directory;

    @Test
    void aBadTaskIsRefusedInOneLineAndNothingElseHappens() throws IOException {
        createChess();
        assertThat(add("--ref", "taken", "{\"mode\": \"blitz\"}").exitCode()).isZero();
        Map<List<String>, String> cases = new LinkedHashMap<>();
        cases.put(List.of("--pool", "nope"), "pool \"nope\": wanted an existing pool, got none of that name");
        cases.put(List.of("{}"), "pool \"chess\", attribute \"mode\": wanted a text, got nothing");
        cases.put(List.of("{\"mode\": 5}"), "pool \"chess\", attribute \"mode\": wanted a text, got 5");
        cases.put(List.of("[]"), "pool \"chess\", attributes: wanted a JSON object, got []");
        cases.put(
                List.of("{\"mode\": \"" + "x".repeat(65_536) + "\"}"),
                "pool \"chess\", attributes: wanted at most 65536 bytes (64 KiB), got 65548");
        cases.put(
                List.of("{\"mode\": \"blitz\", \"deep\": " + "[".repeat(64) + "]".repeat(64) + "}"),
                "pool \"chess\", attributes: wanted at most 64 levels of nesting, got more");
        cases.put(
                List.of("{\"mode\": \"blitz\", \"deep\": " + "[".repeat(2_000) + "]".repeat(2_000) + "}"),
                "pool \"chess\", attributes: wanted at most 64 levels of nesting, got more");
        cases.put(
                List.of("--ref", "é".repeat(257), "{\"mode\": \"blitz\"}"),
                "pool \"chess\", ref: wanted at most 512 bytes, got 514");
        cases.put(
                List.of("--ref", "taken", "{\"mode\": \"blitz\"}"),
                "pool \"chess\", ref: wanted one that does not wait yet, got \"taken\", which waits as task ");
        cases.put(
                List.of("{\"mode\": \"bl\\u0000\"}"),
                "pool \"chess\", attributes at /mode: wanted text without \\u0000, got one");
        cases.put(
                List.of("{\"mode\": \"bl\\ud800\"}"),
                "pool \"chess\", attributes at /mode: wanted Unicode text, got half a surrogate pair, \\ud800");
        cases.put(
                List.of("{\"mode\": \"blitz\", \"rating\": NaN}"),
                "pool \"chess\", attributes: wanted JSON, got an error at line 1, column 32: Non-standard token 'NaN'");
        cases.put(
                List.of("{\"mode\": \"blitz\"} x"), "pool \"chess\", attributes: wanted JSON, got an error at line 1");
        cases.put(
                List.of("{\"mode\": \"blitz\", \"rating\": 1e101}"),
                "pool \"chess\", attribute \"rating\": wanted a number within ±1e100 with at most 100 decimals, got 1000");
        cases.put(
                List.of("{\"mode\": \"blitz\", \"rating\": 1e400000}"),
                "pool \"chess\", attributes at /rating: wanted a number that PostgreSQL can store, got 1e400000");

        cases.forEach((arguments, message) -> assertRefused(add(arguments.toArray(String[]::new)), message));

        assertThat(database.queryAll("SELECT ref FROM pgmatch.tasks")).containsExactly("taken");
        assertThat(add("{\"mode\": \"blitz\"}").exitCode()).isZero();
    }

    @Test
    void bytesThatAreNoTextAreRefused() throws IOException {
        createChess();
        byte[] surrogate = "{\"mode\": \"bl???\"}".getBytes(StandardCharsets.UTF_8);
        surrogate[12] = (byte) 0xED;
        surrogate[13] = (byte) 0xA0;
        surrogate[14] = (byte) 0x80;

        assertRefused(
                await(setup().withInput(surrogate).start("add", "--pool", "chess", "--url", database.url(), "-")),
                "standard input: wanted text in UTF-8, got bytes that are not");
        // A shell hands over bytes that Java itself cannot.
        Process shell = new ProcessBuilder(
                        "sh",
                        "-c",
                        "exec \"$0\" -jar \"$1\" add --pool chess --url \"$2\" \"$(printf '{\"mode\": \"\\355\\240\\200\"}')\"",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        System.getProperty("pgmatch.jar"),
                        database.url())
                .redirectErrorStream(true)
                .start();
        try (var output = shell.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.lines())
                    .containsExactly("pgmatch: arguments: wanted text in UTF-8, got bytes that are not");
        }
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks")).isZero();
    }

    @Test
    void aRuleFileThatIsNoRuleIsRefused() throws IOException {
        Map<String, String> cases = new LinkedHashMap<>();
        cases.put("hello", "rule: wanted JSON, got line 1, column 1: Unrecognized token 'hello'");
        cases.put("", "rule: wanted JSON, got nothing");
        cases.put("[]", "rule: wanted an object such as {\"match\": []}, got []");
        cases.put("{\"match\": [{\"equal\": \"mood\"}]}", "match[0].equal: wanted ");
        cases.put("{\"match\": []} {}", "rule: wanted JSON, got ");
        for (Map.Entry<String, String> bad : cases.entrySet()) {
            Path file = Files.writeString(directory.resolve("bad.json"), bad.getKey());
            assertRefused(create("p", file.toString()), file + ": " + bad.getValue());
        }
        Path binary = Files.write(directory.resolve("binary"), new byte[] {'{', (byte) 0xFF, '}'});
        assertRefused(create("p", binary.toString()), binary + ": wanted text in UTF-8, got bytes that are not");
        assertRefused(create("p", "nowhere.json"), "nowhere.json: cannot be read: there is no such file");
        assertRefused(create("p", directory.toString()), directory + ": cannot be read: it is a directory");
        assertRefused(
                await(setup().withInput("{}").start("pool", "create", "p", "--rule", "-", "--url", database.url())),
                "standard input: ");
        assertRefused(
                InThisProcess.pgmatch(List.of("pool", "create", "a b", "--url", database.url())),
                "pool name: wanted 1 to 100 of A-Z, a-z, 0-9 and _ . : / -, got \"a b\"");
        assertRefused(
                InThisProcess.pgmatch(List.of("pool", "create", "default", "--url", database.url())),
                "pool \"default\": wanted a new name, got one that exists");

        assertThat(database.queryAll("SELECT pool FROM pgmatch.pools")).containsExactly("default");
    }

    @Test
    void aPoolThatDoesNotExistIsNamed() {
        for (List<String> arguments : List.of(
                List.of("pool", "show", "nope"),
                List.of("pool", "pause", "nope"),
                List.of("pool", "resume", "nope"),
                List.of("pool", "drop", "nope"),
                List.of("pairs", "--pool", "nope"),
                List.of("tasks", "--pool", "nope"),
                List.of("cancel", "--pool", "nope", "1"),
                List.of("status", "--pool", "nope"),
                List.of("verify", "--pool", "nope"))) {
            List<String> all = new ArrayList<>(arguments);
            all.addAll(List.of("--url", database.url()));
            assertRefused(InThisProcess.pgmatch(all), NO_POOL);
        }
        assertRefused(await(setup().start("run", "--pools", "default,nope", "--url", database.url())), NO_POOL);
        assertRefused(await(setup().start("pairs", "--follow", "--pool", "nope", "--url", database.url())), NO_POOL);
    }

    private void createChess() throws IOException {
        Path rule = Files.writeString(directory.resolve("chess.json"), RULE);
        assertThat(create("chess", rule.toString()).exitCode()).isZero();
    }

    private Outcome create(String pool, String ruleFile) {
        return InThisProcess.pgmatch(List.of("pool", "create", pool, "--rule", ruleFile, "--url", database.url()));
    }

    private Outcome add(String... arguments) {
        List<String> all = new ArrayList<>(List.of("add", "--url", database.url()));
        if (!List.of(arguments).contains("--pool")) {
            all.addAll(List.of("--pool", "chess"));
        }
        all.addAll(List.of(arguments));
        return InThisProcess.pgmatch(all);
    }

    private static void assertRefused(Outcome outcome, String message) {
        assertThat(outcome.errors()).singleElement().asString().startsWith("pgmatch: " + message);
        assertThat(outcome.output()).isEmpty();
        assertThat(outcome.exitCode()).isEqualTo(1);
    }

    private PgmatchProcess.Setup setup() {
        return PgmatchProcess.setup().in(directory);
    }

    private static Outcome await(PgmatchProcess process) {
        try (process) {
            return process.awaitOutcome(WAIT);
        }
    }
}
