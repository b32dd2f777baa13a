package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgmatch.Matcher;
import io.pgmatch.Pgmatch;
import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.embedded.BundledPostgresOptions;
import io.pgmatch.model.PoolAudit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/**
 * docker-compose.yml and the Dockerfile against the program that they run: what they name exists. Needs
 * no Docker; {@link ComposeIT} starts them where there is one.
 */
final class ComposeFileTest {
    private static final List<String> OURS = List.of("migrate", "matcher");

    private final ComposeFile file = ComposeFile.read();

    @Test
    void thereIsADatabaseAMigrationAndMatchers() {
        assertThat(file.services()).containsOnlyKeys("postgres", "migrate", "matcher");
        assertThat(file.service("postgres").get("image")).isEqualTo("postgres:18");
        for (String service : OURS) {
            assertThat(file.service(service).get("build")).as(service).isEqualTo(".");
            assertThat(file.service(service).get("image")).as(service).isEqualTo("pgmatch:local");
        }
    }

    @Test
    void threeMatchersRun() {
        assertThat(ComposeFile.map(file.service("matcher").get("deploy"))).containsEntry("replicas", 3);
        assertThat(file.service("matcher"))
                .as("what would allow only one")
                .doesNotContainKeys("container_name", "ports", "hostname");
    }

    @Test
    void eachWaitsForWhatItNeeds() {
        assertThat(condition("migrate", "postgres")).isEqualTo("service_healthy");
        assertThat(condition("matcher", "migrate")).isEqualTo("service_completed_successfully");
    }

    @Test
    void migrationRunsOnceAndMatchersAlways() {
        assertThat(file.service("migrate").get("restart")).isEqualTo("no");
        assertThat(file.service("matcher").get("restart")).isEqualTo("unless-stopped");
        assertThat(file.service("postgres").get("restart")).isEqualTo("unless-stopped");
    }

    @Test
    void theVariablesLeadToTheDatabaseOfTheFile() {
        Map<String, String> server = file.environment("postgres");
        for (String service : OURS) {
            ConnectionSettings settings = ConnectionSettings.resolve(null, file.environment(service));
            assertThat(settings.describe())
                    .as(service)
                    .isEqualTo("postgresql://" + server.get("POSTGRES_USER") + "@postgres:5432/"
                            + server.get("POSTGRES_DB"));
            assertThat(settings.properties().getProperty("password"))
                    .as(service)
                    .isEqualTo(server.get("POSTGRES_PASSWORD"));
        }
    }

    @Test
    void everyVariableIsOneThatWeRead() throws IOException {
        String launcher = Files.readString(Path.of("pgmatch"));
        for (String service : OURS) {
            Map<String, String> environment = file.environment(service);
            String before = everything(environment);
            for (String name : environment.keySet()) {
                if (name.startsWith("PGMATCH_")) {
                    assertThat(launcher).as("the launcher").contains("${" + name + ":-}");
                } else {
                    Map<String, String> other = new HashMap<>(environment);
                    other.put(name, name.equals("PGPORT") ? "7" : "other");
                    assertThat(everything(other))
                            .as("%s without %s", service, name)
                            .isNotEqualTo(before);
                }
            }
        }
    }

    @Test
    void theCommandsExistWithTheirOptions() {
        for (String service : OURS) {
            ParseResult parsed = parse(file.command(service));
            assertThat(parsed.subcommand().commandSpec().name())
                    .as(service)
                    .isEqualTo(service.equals("migrate") ? "migrate" : "run");
        }
    }

    @Test
    void aMatcherIsGivenLongerThanItsGraceToEnd() {
        Duration grace = parse(file.command("matcher")).subcommand().matchedOptionValue("--grace", null);
        Duration patience =
                new Durations().convert((String) file.service("matcher").get("stop_grace_period"));

        // Two seconds more it takes to cut the rounds that have not ended in time.
        assertThat(patience).isGreaterThan(grace.plusSeconds(2));
    }

    @Test
    void healthIsThatTheServerAnswersOnTheNetworkAndTheMatcherIsConnected() {
        Map<String, String> server = file.environment("postgres");
        assertThat(file.healthTest("postgres"))
                .containsSequence("pg_isready")
                .containsSequence("-h", "127.0.0.1")
                .containsSequence("-U", server.get("POSTGRES_USER"))
                .containsSequence("-d", server.get("POSTGRES_DB"));
        int port = Integer.parseInt(file.environment("matcher").get("PGPORT"));
        assertThat(file.healthTest("matcher")).hasSize(2).startsWith("CMD-SHELL");
        assertThat(file.healthTest("matcher").get(1))
                .as("port %d, state established", port)
                .contains(String.format("':%04X 01 ' /proc/net/tcp /proc/net/tcp6", port));
        assertThat(file.service("migrate")).as("what ends by itself").doesNotContainKey("healthcheck");
    }

    @Test
    void theDataOutlivesTheContainer() {
        assertThat(ComposeFile.strings(file.service("postgres").get("volumes")))
                .containsExactly("data:/var/lib/postgresql");
        assertThat(file.volumes()).containsOnlyKeys("data");
    }

    @Test
    void theDatabaseIsReachedFromThisMachineOnly() {
        assertThat(ComposeFile.strings(file.service("postgres").get("ports"))).containsExactly("127.0.0.1:5432:5432");
    }

    @Test
    void theServerTakesItsSettingsAndThePlainNamesWork() throws SQLException {
        BundledPostgresOptions options = BundledPostgresOptions.throwaway();
        for (Map.Entry<String, String> setting : file.serverSettings().entrySet()) {
            options = options.withSetting(setting.getKey(), setting.getValue());
        }
        try (BundledPostgres server = BundledPostgres.start(options)) {
            // Made as the image makes it: without a search_path of its own.
            execute(server.dataSource("postgres"), "CREATE DATABASE plain");
            DataSource plain = server.dataSource("plain");
            assertThat(query(plain, "SHOW track_commit_timestamp")).isEqualTo("on");
            assertThat(query(plain, "SHOW shared_buffers")).isEqualTo("256MB");
            Pgmatch pgmatch = Pgmatch.on(plain);
            pgmatch.migrate();
            execute(plain, "INSERT INTO tasks (ref) VALUES ('a'), ('b')");
            try (Matcher matcher = Matcher.builder(plain).build()) {
                matcher.start();
                await("the pair")
                        .until(() -> query(plain, "SELECT count(*) FROM matched_pairs")
                                .equals("1"));
            }
            assertThat(pgmatch.audit(null)).allMatch(PoolAudit::isSafe);
        }
    }

    @Test
    void theImageRunsAsNobodyInParticularAndJavaHearsSignals() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("Dockerfile"));
        List<String> last = lines.subList(lines.lastIndexOf("FROM eclipse-temurin:17-jre"), lines.size());

        assertThat(last).contains("USER 10001:10001", "ENTRYPOINT [\"/opt/pgmatch/pgmatch\"]");
        assertThat(Files.readString(Path.of("pgmatch")))
                .as("the launcher becomes java")
                .containsPattern("(?m)^exec \"\\$java\"");
    }

    @Test
    void theImageIsMadeOfWhatIsThereAndNotIgnored() throws IOException {
        Set<String> let = Set.copyOf(Files.readAllLines(Path.of(".dockerignore")).stream()
                .filter(line -> line.startsWith("!"))
                .map(line -> line.substring(1))
                .toList());
        for (String line : Files.readAllLines(Path.of("Dockerfile"))) {
            if (line.startsWith("COPY ") && !line.contains("--from=")) {
                List<String> words = Arrays.stream(line.split(" "))
                        .skip(1)
                        .filter(word -> !word.startsWith("--"))
                        .toList();
                for (String source : words.subList(0, words.size() - 1)) {
                    assertThat(Path.of(source)).exists();
                    assertThat(let).as(".dockerignore").contains(source);
                }
            }
        }
    }

    private Object condition(String service, String needed) {
        Map<String, Object> needs = ComposeFile.map(file.service(service).get("depends_on"));
        return ComposeFile.map(needs.get(needed)).get("condition");
    }

    private static ParseResult parse(List<String> arguments) {
        Console console = new Console(new ByteArrayOutputStream(), new ByteArrayOutputStream());
        CommandLine line = Main.commandLine(new CommandContext(console, Map.of()));
        return line.parseArgs(arguments.toArray(String[]::new));
    }

    /** All that we make of an environment, the secrets included. */
    private static String everything(Map<String, String> environment) {
        ConnectionSettings settings = ConnectionSettings.resolve(null, environment);
        return settings.describe() + new HashMap<>(settings.properties());
    }

    private static void execute(DataSource database, String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(DataSource database, String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
