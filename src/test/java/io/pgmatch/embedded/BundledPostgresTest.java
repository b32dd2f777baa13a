package io.pgmatch.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgmatch.model.PgmatchException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BundledPostgresTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Nested
    class WhileItRuns {
        private static BundledPostgres postgres;

        @BeforeAll
        static void start() {
            postgres =
                    BundledPostgres.start(BundledPostgresOptions.throwaway().withSetting("search_path", "'it''s', b"));
        }

        @AfterAll
        static void close() {
            postgres.close();
        }

        @Test
        void givesTheUrlOfTheDatabasePgmatch() throws SQLException {
            assertThat(postgres.url()).isEqualTo("postgresql://postgres@127.0.0.1:" + postgres.port() + "/pgmatch");
            assertThat(postgres.jdbcUrl()).startsWith("jdbc:postgresql://127.0.0.1:" + postgres.port() + "/pgmatch");
            assertThat(text(postgres.dataSource(), "SELECT current_database()")).isEqualTo("pgmatch");
        }

        @Test
        void isFoundByItsDataDirectory() {
            assertThat(BundledPostgres.runningUrl(postgres.dataDirectory())).contains(postgres.url());
        }

        @Test
        void findsThePlainNamesOfTheSchema() throws SQLException {
            assertThat(text(postgres.dataSource(), "SHOW search_path")).isEqualTo("pgmatch, public");
        }

        @Test
        void runsWithTheSettingsAskedFor() throws SQLException {
            DataSource source = postgres.dataSource("postgres");
            assertThat(text(source, "SHOW search_path")).isEqualTo("'it''s', b");
            assertThat(text(source, "SHOW fsync")).isEqualTo("off");
            assertThat(text(source, "SHOW synchronous_commit")).isEqualTo("on");
            assertThat(text(source, "SHOW track_commit_timestamp")).isEqualTo("on");
            assertThat(text(source, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(text(source, "SHOW server_encoding")).isEqualTo("UTF8");
        }

        @Test
        void makesAndDropsDatabasesOfAnyName() throws SQLException {
            String name = "a \"b\"; c";
            postgres.createDatabase(name);
            assertThat(text(postgres.dataSource(name), "SHOW search_path")).isEqualTo("pgmatch, public");
            try (Connection connected = postgres.dataSource(name).getConnection()) {
                postgres.dropDatabase(name);
                assertThat(connected.isValid(5)).isFalse();
            }
            postgres.dropDatabase(name);
        }

        @Test
        void saysWhichStatementFailed() {
            assertThatThrownBy(() -> postgres.createDatabase("pgmatch"))
                    .isInstanceOf(PgmatchException.class)
                    .hasMessageContaining("CREATE DATABASE \"pgmatch\"");
        }
    }

    @Test
    void isDurableUnlessToldOtherwise(@TempDir Path directory) throws SQLException {
        assertThat(BundledPostgresOptions.temporary().durable()).isTrue();
        assertThat(BundledPostgresOptions.throwaway().durable()).isFalse();
        try (BundledPostgres postgres = BundledPostgres.start(BundledPostgresOptions.kept(directory))) {
            assertThat(text(postgres.dataSource(), "SHOW fsync")).isEqualTo("on");
            assertThat(text(postgres.dataSource(), "SHOW synchronous_commit")).isEqualTo("on");
            assertThat(text(postgres.dataSource(), "SHOW full_page_writes")).isEqualTo("on");
        }
    }

    @Test
    void keepsItsDataFromOneStartToTheNext(@TempDir Path parent) throws SQLException {
        Path directory = parent.resolve("not there/yet");
        try (BundledPostgres first = BundledPostgres.start(BundledPostgresOptions.kept(directory))) {
            execute(first.dataSource(), "CREATE TABLE public.kept AS SELECT 42 AS number");
        }
        assertThat(BundledPostgres.runningUrl(directory)).isEmpty();
        try (BundledPostgres second = BundledPostgres.start(BundledPostgresOptions.kept(directory))) {
            assertThat(text(second.dataSource(), "SELECT number FROM kept")).isEqualTo("42");
        }
    }

    @Test
    void losesNoCommitWhenItCrashesAndRestartsOnTheSamePort() throws SQLException {
        try (BundledPostgres postgres = BundledPostgres.start(BundledPostgresOptions.throwaway())) {
            int port = postgres.port();
            execute(postgres.dataSource(), "CREATE TABLE public.kept AS SELECT 42 AS number");

            postgres.stopImmediately();
            assertThatThrownBy(() -> postgres.dataSource().getConnection()).isInstanceOf(SQLException.class);
            assertThat(BundledPostgres.runningUrl(postgres.dataDirectory())).isEmpty();
            assertThat(postgres.processId()).isEmpty();
            postgres.stopImmediately();

            postgres.restart();
            assertThat(postgres.port()).isEqualTo(port);
            assertThat(text(postgres.dataSource(), "SELECT number FROM kept")).isEqualTo("42");

            postgres.restart();
            assertThat(text(postgres.dataSource(), "SELECT number FROM kept")).isEqualTo("42");
        }
    }

    @Test
    void survivesThatItsPostmasterIsKilled() throws Exception {
        try (BundledPostgres postgres = BundledPostgres.start(BundledPostgresOptions.throwaway())) {
            kill(postgres.processId().orElseThrow());
            assertThat(postgres.dataDirectory().resolve("data/postmaster.pid")).exists();
            postgres.restart();
            assertThat(text(postgres.dataSource(), "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void closesTwiceAndAfterACrashAndLeavesNothing() {
        BundledPostgres postgres = BundledPostgres.start(BundledPostgresOptions.throwaway());
        postgres.stopImmediately();
        postgres.close();
        postgres.close();
        assertThat(postgres.dataDirectory()).doesNotExist();
        assertThatIllegalStateException().isThrownBy(postgres::restart);
        assertThatIllegalStateException().isThrownBy(postgres::stopImmediately);
    }

    @Test
    void leavesAServerRunningWhenAskedTo(@TempDir Path directory) throws Exception {
        BundledPostgres left = BundledPostgres.start(BundledPostgresOptions.kept(directory));
        left.leaveRunning();
        left.close();
        assertThat(BundledPostgres.runningUrl(directory)).contains(left.url());
        kill(left.processId().orElseThrow());
    }

    @Test
    void refusesADirectoryInUseAndNamesTheServer(@TempDir Path directory) {
        BundledPostgresOptions options = BundledPostgresOptions.kept(directory);
        try (BundledPostgres first = BundledPostgres.start(options)) {
            assertThatThrownBy(() -> BundledPostgres.start(options))
                    .isInstanceOf(PgmatchException.class)
                    .hasMessageContaining("runs on " + directory + " already")
                    .hasMessageContaining(first.url());
            assertThat(BundledPostgres.runningUrl(directory)).contains(first.url());
        }
    }

    @Test
    void outlivesAKilledOwnerAndRefusesUntilItIsGoneItself(@TempDir Path directory) throws Exception {
        Process owner = process(directory.toString());
        String url = firstLines(owner).get(0);
        owner.destroyForcibly().waitFor();

        assertThat(BundledPostgres.runningUrl(directory)).contains(url);
        BundledPostgresOptions options = BundledPostgresOptions.kept(directory);
        assertThatThrownBy(() -> BundledPostgres.start(options)).hasMessageContaining(url);
        assertThat(BundledPostgres.runningUrl(directory)).contains(url);

        kill(PostmasterFile.read(directory.resolve("data")).orElseThrow().pid());
        assertThat(BundledPostgres.runningUrl(directory)).isEmpty();
        try (BundledPostgres next = BundledPostgres.start(options)) {
            assertThat(text(next.dataSource(), "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void takesAProcessIdThatNowBelongsToAnotherProgramForStale(@TempDir Path directory) throws Exception {
        BundledPostgresOptions options = BundledPostgresOptions.kept(directory);
        BundledPostgres.start(options).close();
        long ours = ProcessHandle.current().pid();
        Path file = directory.resolve("data/postmaster.pid");
        Files.writeString(file, ours + "\n" + file.getParent() + "\n1700000000\n5432\n\n127.0.0.1\n");
        assertThat(BundledPostgres.runningUrl(directory)).isEmpty();
        assertThatCode(() -> BundledPostgres.start(options).close()).doesNotThrowAnyException();
    }

    @Test
    void cleansUpWhenItsProcessIsTerminated() throws Exception {
        Process owner = process();
        List<String> lines = firstLines(owner);
        assertThat(Path.of(lines.get(1))).isDirectory();
        owner.destroy();
        assertThat(owner.waitFor()).isNotZero();
        assertThat(Path.of(lines.get(1))).doesNotExist();
        int port = Integer.parseInt(lines.get(0).replaceAll(".*:(\\d+)/.*", "$1"));
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(IOException.class);
    }

    @Test
    void refusesATakenPort(@TempDir Path directory) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            BundledPostgresOptions options =
                    BundledPostgresOptions.kept(directory).withPort(taken.getLocalPort());
            assertThatThrownBy(() -> BundledPostgres.start(options))
                    .isInstanceOf(PgmatchException.class)
                    .hasMessageContaining("cannot listen on port " + taken.getLocalPort());
        }
    }

    @Test
    void refusesADirectoryThatCannotBeWritten(@TempDir Path parent) throws IOException {
        Path file = Files.writeString(parent.resolve("file"), "");
        assertThatThrownBy(() -> BundledPostgres.start(BundledPostgresOptions.kept(file.resolve("below"))))
                .isInstanceOf(PgmatchException.class)
                .hasMessageContaining("cannot write")
                .hasMessageContaining(file.toString());
    }

    @Test
    void refusesDataOfAnotherMajorVersion(@TempDir Path directory) throws IOException {
        BundledPostgresOptions options = BundledPostgresOptions.kept(directory);
        BundledPostgres.start(options).close();
        Files.writeString(directory.resolve("data/PG_VERSION"), "9\n");
        assertThatThrownBy(() -> BundledPostgres.start(options))
                .isInstanceOf(PgmatchException.class)
                .hasMessageContaining("of another major version")
                .hasMessageContaining("initialized by PostgreSQL version 9");
    }

    @Test
    void refusesTheDataDirectoryOfAnotherPostgres(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("PG_VERSION"), "18\n");
        assertThatThrownBy(() -> BundledPostgres.start(BundledPostgresOptions.kept(directory)))
                .isInstanceOf(PgmatchException.class)
                .hasMessageContaining("is the data directory of a PostgreSQL of its own");
    }

    @Test
    void refusesAHalfInitialisedDirectoryAndDoesNotTouchIt(@TempDir Path directory) throws IOException {
        Path left = Files.createDirectories(directory.resolve("data/base"));
        assertThatThrownBy(() -> BundledPostgres.start(BundledPostgresOptions.kept(directory)))
                .isInstanceOf(PgmatchException.class)
                .hasMessageContaining("cut short")
                .hasMessageContaining("delete " + directory);
        assertThat(left).exists();
    }

    @Test
    @Timeout(30)
    void givesTheServersReasonWhenItDoesNotStartAndCanStartAfterwards(@TempDir Path directory) {
        BundledPostgresOptions options = BundledPostgresOptions.kept(directory);
        assertThatThrownBy(() -> BundledPostgres.start(options.withSetting("no_such_setting", "1")))
                .isInstanceOf(PgmatchException.class)
                .hasMessageContaining("unrecognized configuration parameter \"no_such_setting\"")
                .hasMessageContaining(directory.resolve("server.log").toString());
        assertThatCode(() -> BundledPostgres.start(options).close()).doesNotThrowAnyException();
    }

    @Test
    void refusesAPlatformWithoutBinaries() {
        assertThatThrownBy(() -> BundledPostgres.requireSupported("Windows 11", "amd64"))
                .isInstanceOf(PgmatchException.class)
                .hasMessageContaining("Windows 11")
                .hasMessageContaining("Linux (glibc) and macOS on x86-64 and ARM64");
        assertThatThrownBy(() -> BundledPostgres.requireSupported("Linux", "s390x"))
                .hasMessageContaining("s390x");
        for (String architecture : List.of("amd64", "x86_64", "aarch64")) {
            BundledPostgres.requireSupported("Linux", architecture);
            BundledPostgres.requireSupported("Mac OS X", architecture);
        }
    }

    @Test
    void refusesOptionsThatMakeNoSense() {
        BundledPostgresOptions options = BundledPostgresOptions.throwaway();
        assertThatIllegalArgumentException().isThrownBy(() -> options.withPort(65_536));
        assertThatIllegalArgumentException().isThrownBy(() -> options.withSetting("a b", "1"));
    }

    private static String text(DataSource source, String query) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            assertThat(result.next()).isTrue();
            return result.getString(1);
        }
    }

    private static void execute(DataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Kills a postmaster; its children notice by themselves. */
    private static void kill(long processId) throws Exception {
        Process kill = new ProcessBuilder("sh", "-c", "kill -s KILL " + processId).start();
        assertThat(kill.waitFor()).isZero();
        await().atMost(PATIENCE)
                .until(() -> ProcessHandle.of(processId)
                        .flatMap(process -> process.info().command())
                        .isEmpty());
    }

    private static Process process(String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-classpath",
                System.getProperty("java.class.path"),
                BundledPostgresProcess.class.getName());
        builder.command().addAll(List.of(arguments));
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** The two lines that the process prints, among those of its log. */
    private static List<String> firstLines(Process process) throws IOException {
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        while (line != null && !line.startsWith("postgresql://")) {
            line = output.readLine();
        }
        assertThat(line).as("the URL").isNotNull();
        return List.of(line, output.readLine());
    }
}
