package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.embedded.BundledPostgresOptions;
import io.pgmatch.model.PgmatchException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ConnectionSettingsTest {
    private static final String SECRET = "s3cr3t";
    private static final String OS_USER = System.getProperty("user.name");

    /** The home directory: no password file, no service file, no bundled server. */
    @TempDir
    private Path home;

    @Nested
    class FromAUrl {
        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
            postgresql://ann@db.example:6432/chess        | postgresql://ann@db.example:6432/chess
            postgres://ann@db.example/chess               | postgresql://ann@db.example:5432/chess
            postgres://ann@db.example                     | postgresql://ann@db.example:5432/ann
            postgres://ann@db.example/                    | postgresql://ann@db.example:5432/ann
            postgres://ann@/chess                         | postgresql://ann@localhost:5432/chess
            postgres://ann@:6432/chess                    | postgresql://ann@localhost:6432/chess
            postgres://ann:pw@db.example/chess            | postgresql://ann@db.example:5432/chess
            postgres://ann@a:1,b,c:3/chess                | postgresql://ann@a:1,b:5432,c:3/chess
            postgres://ann@[::1]:6432/chess               | postgresql://ann@[::1]:6432/chess
            postgres://ann@[2001:db8::1],[::2]:7/chess    | postgresql://ann@[2001:db8::1]:5432,[::2]:7/chess
            postgres://a%40b:pw@db.example/ch%2Fe%20ss    | postgresql://a%40b@db.example:5432/ch%2Fe%20ss
            postgres://a+b@db.example/c+d                 | postgresql://a%2Bb@db.example:5432/c%2Bd
            postgres:///chess?host=h&port=7&user=ann      | postgresql://ann@h:7/chess
            postgres://?host=h1,h2&port=7&user=ann        | postgresql://ann@h1:7,h2:7/ann
            postgres://h/?dbname=chess&user=me@azure      | postgresql://me%40azure@h:5432/chess
            jdbc:postgresql://db.example:6432/chess?user=ann | postgresql://ann@db.example:6432/chess
            jdbc:postgresql://a:1,b:2/chess?user=ann      | postgresql://ann@a:1,b:2/chess
            jdbc:postgresql:chess?user=ann                | postgresql://ann@localhost:5432/chess
            jdbc:postgresql:/?user=ann                    | postgresql://ann@localhost:5432/ann
            jdbc:postgresql:///chess?user=a+b             | postgresql://a%20b@localhost:5432/chess
            """)
        void understands(String url, String description) {
            assertThat(resolve(url).describe()).isEqualTo(description);
            assertThat(resolve(url)).hasToString(description);
        }

        @Test
        void takesTheOperatingSystemsUserAndADatabaseOfThatName() {
            assertThat(resolve("postgres://").describe())
                    .isEqualTo("postgresql://" + OS_USER + "@localhost:5432/" + OS_USER);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "postgres://ann:p%40%3A%2F%25%20w@h/d",
                    "postgres://ann:p@:%2F%25%20w@h/d",
                    "postgres://ann@h/d?password=p%40:/%25%20w",
                    "postgres://ann@h:1/d?password=p@:/%25%20w",
                    "jdbc:postgresql://h/d?user=ann&password=p%40%3A%2F%25+w",
                })
        void decodesThePassword(String url) {
            assertThat(resolve(url).properties()).containsEntry("password", "p@:/% w");
        }

        @Test
        void leavesAPlusInThePasswordAlone() {
            assertThat(resolve("postgres://ann:a+b@h/d?sslmode=require").properties())
                    .containsEntry("password", "a+b");
        }

        @Test
        void handsTheDriverAUrlItUnderstandsWithoutThePassword() {
            ConnectionSettings settings = resolve("postgres://ann:" + SECRET + "@[::1]:1,b/a%2Fb%20c");
            assertThat(settings.jdbcUrl()).isEqualTo("jdbc:postgresql://[::1]:1,b:5432/a%2Fb%20c");
            Properties parsed = org.postgresql.Driver.parseURL(settings.jdbcUrl(), settings.properties());
            assertThat(parsed)
                    .containsEntry("PGHOST", "[::1],b")
                    .containsEntry("PGPORT", "1,5432")
                    .containsEntry("PGDBNAME", "a/b c")
                    .containsEntry("user", "ann");
        }

        @Test
        void translatesTheParametersOfLibpq() {
            Properties properties = resolve(
                            "postgres://h/d?application_name=a%20b&connect_timeout=7&sslmode=verify-full"
                                    + "&sslrootcert=/ca.pem&keepalives=0&target_session_attrs=read-write"
                                    + "&channel_binding=require&load_balance_hosts=random&client_encoding=utf8"
                                    + "&options=-c%20geqo%3Doff")
                    .properties();
            assertThat(properties)
                    .containsEntry("ApplicationName", "a b")
                    .containsEntry("connectTimeout", "7")
                    .containsEntry("sslmode", "verify-full")
                    .containsEntry("sslrootcert", "/ca.pem")
                    .containsEntry("tcpKeepAlive", "false")
                    .containsEntry("targetServerType", "primary")
                    .containsEntry("channelBinding", "require")
                    .containsEntry("loadBalanceHosts", "true")
                    .containsEntry("options", "-c geqo=off")
                    .doesNotContainKey("client_encoding");
        }

        @Test
        void passesTheParametersOfTheDriverOn() {
            assertThat(resolve("jdbc:postgresql://h/d?ApplicationName=x&socketTimeout=9&ssl=true")
                            .properties())
                    .containsEntry("ApplicationName", "x")
                    .containsEntry("socketTimeout", "9")
                    .containsEntry("ssl", "true");
            assertThat(resolve("postgres://h/d?ssl=true").properties())
                    .containsEntry("sslmode", "require")
                    .doesNotContainKey("ssl");
        }

        @Test
        void hasDefaultsThatGiveUpInTime() {
            assertThat(resolve("postgres://ann@h/d").properties())
                    .containsEntry("ApplicationName", "pgmatch")
                    .containsEntry("tcpKeepAlive", "true")
                    .containsEntry("connectTimeout", "5")
                    .containsEntry("loginTimeout", "5")
                    .containsEntry("socketTimeout", "60")
                    .containsEntry("user", "ann")
                    .doesNotContainKeys("password", "targetServerType", "service");
        }

        @Test
        void looksForThePrimaryAmongSeveralHostsUnlessToldOtherwise() {
            assertThat(resolve("postgres://a,b/d").properties())
                    .containsEntry("targetServerType", "primary")
                    .containsEntry("loginTimeout", "10");
            assertThat(resolve("postgres://a,b/d?target_session_attrs=any").properties())
                    .containsEntry("targetServerType", "any");
        }

        @Test
        void isFilledInFromTheVariablesOfLibpq() {
            Map<String, String> environment = Map.of(
                    "PGHOST", "other", "PGPORT", "7", "PGUSER", "bob", "PGPASSWORD", SECRET, "PGSSLMODE", "require");
            ConnectionSettings settings = resolve("postgres://h/d", environment);
            assertThat(settings.describe()).isEqualTo("postgresql://bob@h:7/d");
            assertThat(settings.properties()).containsEntry("password", SECRET).containsEntry("sslmode", "require");
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
            ''                               | is no URL of a PostgreSQL
            mysql://h/d                      | is no URL of a PostgreSQL
            host=h dbname=d                  | is no URL of a PostgreSQL
            jdbc:mysql://h/d                 | is no URL of a PostgreSQL
            postgres://h:0/d                 | a port that is no number from 1 to 65535
            postgres://h:65536/d             | a port that is no number from 1 to 65535
            postgres://h:x/d                 | a port that is no number from 1 to 65535
            postgres://h:1:2/d               | a port that is no number from 1 to 65535
            postgres://[::1/d                | whose ] is missing
            postgres://[::1]x/d              | between the ] of an IPv6 address and its port
            postgres://h/%zz                 | a % that two hexadecimal digits do not follow
            postgres://h/d%2                 | a % that two hexadecimal digits do not follow
            postgres://h/%ff                 | not UTF-8
            postgres://h/a%00b               | zero byte
            postgres://h/d?x                 | a parameter without =
            postgres://h/d?colour=red        | a parameter that is not known: colour
            postgres://h/d?sslmode=on        | an sslmode that is not known
            postgres://h/d?connect_timeout=x | connectTimeout that is no number of seconds
            postgres://h,i/d?port=1,2,3      | 3 ports for 2 hosts
            postgres://a%20b/d               | a character that no host name has
            postgres://%2Frun%2Fpg/d         | Unix socket
            postgres:///d?host=/run/pg       | Unix socket
            postgres:///d?service=none       | the service that --url names is not in
            """)
        void refuses(String url, String message) {
            assertThatThrownBy(() -> resolve(url))
                    .isInstanceOf(ConnectionUsageException.class)
                    .hasMessageStartingWith(message.contains("service") ? "the service" : "--url")
                    .hasMessageContaining(message);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://ann:s3cr3t@h/d",
                "postgres://ann:s3cr3t@h:port/d",
                "postgres://ann:s3cr3t@h:99999/d",
                "postgres://ann:s3cr3t%zz@h/d",
                "postgres://ann:s3cr3t%ff@h/d",
                "postgres://ann:s3cr3t%00@h/d",
                "postgres://ann:s3cr3t",
                "postgres://ann:1/s3cr3t@h/d",
                "postgres://ann:12?s3cr3t@h/d",
                "postgres://ann:12?s3cr3t=1@h/d",
                "postgres://ann:x?s3cr3t@h/d",
                "postgres://ann:s3cr3t@x@h/d",
                "postgres://ann:x@s3cr3t@h/d",
                "postgres://ann:x#s3cr3t@h/d",
                "postgres://ann:x,s3cr3t@h/d",
                "postgres://ann:x:s3cr3t@h/d",
                "postgres://ann:[s3cr3t@h/d",
                "postgres://ann:s3cr3t@[::1/d",
                "postgres://ann:s3cr3t@/run/pg/d",
                "postgres://ann:s3cr3t@%2Frun%2Fpg/d",
                "postgres://ann:s3cr3t@h/d?bad",
                "postgres://ann:s3cr3t@h/d?sslmode=s3cr3t",
                "postgres://ann:s3cr3t@h/d?service=none",
                "postgres://h/d?password=s3cr3t&port=x",
                "postgres://h/d?sslpassword=s3cr3t",
                "jdbc:postgresql://ann:s3cr3t@h/d",
                "jdbc:postgresql://h/a/b?user=ann&password=s3cr3t",
                "jdbc:postgresql://h:x/d?user=ann&password=s3cr3t",
                "jdbc:mysql://ann:s3cr3t@h/d",
                "mysql://ann:s3cr3t@h/d",
                "ann:s3cr3t@h/d",
                "host=h password=s3cr3t",
                "s3cr3t",
            })
    void neverShowsAPassword(String url) {
        String shown;
        try {
            ConnectionSettings settings = resolve(url);
            shown = settings.describe()
                    + settings
                    + settings.jdbcUrl()
                    + settings.dataSource(Duration.ZERO)
                    + ConnectionUrl.parse(url, "--url")
                    + ConnectionUrl.parse(url, "--url").find("password")
                    + settings.unreachable(new SQLException("no"));
        } catch (PgmatchException e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            shown = trace.toString();
        }
        assertThat(shown).doesNotContain(SECRET);
    }

    @Nested
    class FromTheEnvironment {
        @Test
        void prefersTheUrlThenDatabaseUrlThenTheVariables() {
            Map<String, String> environment = new HashMap<>(
                    Map.of("DATABASE_URL", "postgres://ann@second/d", "PGHOST", "third", "PGUSER", "ann"));
            assertThat(resolve("postgres://ann@first/d", environment).describe())
                    .isEqualTo("postgresql://ann@first:5432/d");
            assertThat(resolve(null, environment).describe()).isEqualTo("postgresql://ann@second:5432/d");
            environment.put("DATABASE_URL", " ");
            assertThat(resolve(null, environment).describe()).isEqualTo("postgresql://ann@third:5432/ann");
        }

        @Test
        void namesDatabaseUrlWhereThatIsWrong() {
            assertThatThrownBy(() -> resolve(null, Map.of("DATABASE_URL", "postgres://ann:" + SECRET + "@h:x/d")))
                    .isInstanceOf(ConnectionUsageException.class)
                    .hasMessage("DATABASE_URL has a port that is no number from 1 to 65535");
        }

        @Test
        void understandsTheVariablesOfLibpq() {
            ConnectionSettings settings = resolve(
                    null,
                    Map.of(
                            "PGHOST", "a,::1",
                            "PGPORT", "1,2",
                            "PGUSER", "ann",
                            "PGPASSWORD", SECRET,
                            "PGDATABASE", "chess",
                            "PGSSLMODE", "verify-ca",
                            "PGSSLROOTCERT", "/ca.pem",
                            "PGCONNECT_TIMEOUT", "3",
                            "PGAPPNAME", "mine"));
            assertThat(settings.describe()).isEqualTo("postgresql://ann@a:1,[::1]:2/chess");
            assertThat(settings.properties())
                    .containsEntry("password", SECRET)
                    .containsEntry("sslmode", "verify-ca")
                    .containsEntry("sslrootcert", "/ca.pem")
                    .containsEntry("connectTimeout", "3")
                    .containsEntry("loginTimeout", "6")
                    .containsEntry("ApplicationName", "mine");
        }

        @ParameterizedTest
        @CsvSource({
            "PGHOST, h, postgresql://{u}@h:5432/{u}",
            "PGPORT, 7, postgresql://{u}@localhost:7/{u}",
            "PGUSER, ann, postgresql://ann@localhost:5432/ann",
            "PGDATABASE, d, postgresql://{u}@localhost:5432/d",
        })
        void needsOnlyOneOfTheVariablesThatNameADatabase(String name, String value, String description) {
            assertThat(resolve(null, Map.of(name, value)).describe()).isEqualTo(description.replace("{u}", OS_USER));
        }

        @ParameterizedTest
        @CsvSource({
            "PGHOST, /run/postgresql, PGHOST names a Unix socket",
            "PGPORT, x, PGPORT has a port that is no number",
            "PGSERVICE, none, the service that PGSERVICE names is not in",
        })
        void namesTheVariableThatIsWrong(String name, String value, String message) {
            assertThatThrownBy(() -> resolve(null, Map.of(name, value)))
                    .isInstanceOf(ConnectionUsageException.class)
                    .hasMessageContaining(message);
        }

        @Test
        void doesNotTakeAPasswordAloneForADatabase() {
            assertThatThrownBy(() -> resolve(null, Map.of("PGPASSWORD", SECRET, "PGSSLMODE", "require", "PGHOST", "")))
                    .isInstanceOf(ConnectionUsageException.class)
                    .hasMessageContainingAll("--url", "DATABASE_URL", "PGHOST", "PGSERVICE", "pgmatch db")
                    .hasMessageNotContaining(SECRET);
        }
    }

    @Nested
    class FromAServiceFile {
        @Test
        void readsTheServiceAndWhatItLeavesOpenFromTheVariables() throws IOException {
            Path file = home.resolve("services");
            Files.writeString(file, """
                    # ours
                    [other]
                    host=wrong
                    [chess]
                    host=db.example
                      port=6432
                    dbname=chess
                    password=s3cr3t = x
                    connect_timeout=4
                    application_name=from the service
                    [chess]
                    user=wrong
                    """);
            Map<String, String> environment =
                    Map.of("PGSERVICEFILE", file.toString(), "PGSERVICE", "chess", "PGHOST", "wrong", "PGUSER", "ann");
            ConnectionSettings settings = resolve(null, environment);
            assertThat(settings.describe()).isEqualTo("postgresql://ann@db.example:6432/chess");
            assertThat(settings.properties())
                    .containsEntry("password", "s3cr3t = x")
                    .containsEntry("connectTimeout", "4")
                    .containsEntry("ApplicationName", "from the service");
            assertThat(resolve("postgres://mine/?service=chess", environment).describe())
                    .isEqualTo("postgresql://ann@mine:6432/chess");
        }

        @Test
        void looksAtHomeAndThenInTheSystemsDirectory() throws IOException {
            Path system = Files.createDirectory(home.resolve("etc"));
            Files.writeString(home.resolve(".pg_service.conf"), "[a]\nhost=home\nuser=ann\n");
            Files.writeString(system.resolve("pg_service.conf"), "[a]\nhost=x\n[b]\nhost=system\nuser=ann\n");
            Map<String, String> environment = Map.of("PGSYSCONFDIR", system.toString());
            assertThat(resolve("postgres://?service=a", environment).describe())
                    .isEqualTo("postgresql://ann@home:5432/ann");
            assertThat(resolve("postgres://?service=b", environment).describe())
                    .isEqualTo("postgresql://ann@system:5432/ann");
        }

        @ParameterizedTest
        @ValueSource(strings = {"s3cr3t", "=s3cr3t", "service=s3cr3t", "passwd=s3cr3t", "host=/s3cr3t", "port=s3cr3t"})
        void refusesALineThatIsWrongWithoutShowingIt(String line) throws IOException {
            Files.writeString(home.resolve(".pg_service.conf"), "[a]\n" + line + "\n");
            assertThatThrownBy(() -> resolve("postgres://?service=a"))
                    .isInstanceOf(ConnectionUsageException.class)
                    .hasMessageContaining(".pg_service.conf")
                    .hasMessageNotContaining(SECRET);
        }
    }

    @Nested
    class FromAPasswordFile {
        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
            postgres://ann@db.example/chess     | one
            postgres://ann@db.example:7/chess   | two:2
            postgres://bob@x/y                  | three\\
            postgres://ann@[::1]/chess          | four
            postgres://a%3Ab@db.example/chess   | five
            """)
        void takesTheFirstLineThatFits(String url, String password) throws IOException {
            Files.writeString(home.resolve(".pgpass"), """
                    # db.example:5432:chess:ann:comment
                    db.example:5432:chess:ann:one
                    db.example:*:chess:ann:two\\:2
                    *:*:*:bob:three\\\\
                    \\:\\:1:5432:chess:ann:four
                    db.example:5432:chess:a\\:b:five
                    *:*:*:bob:never
                    """);
            assertThat(resolve(url).properties()).containsEntry("password", password);
        }

        @Test
        void isTheOneNamedAndYieldsToAPasswordGiven() throws IOException {
            Path file = home.resolve("passwords");
            Files.writeString(home.resolve(".pgpass"), "*:*:*:*:wrong\n");
            Files.writeString(file, "*:*:*:*:right\n");
            Map<String, String> environment = Map.of("PGPASSFILE", file.toString());
            assertThat(resolve("postgres://h/d", environment).properties()).containsEntry("password", "right");
            assertThat(resolve("postgres://h/d?passfile=" + file).properties()).containsEntry("password", "right");
            assertThat(resolve("postgres://ann:mine@h/d", environment).properties())
                    .containsEntry("password", "mine");
        }

        @Test
        void servesSeveralHostsThatHaveTheSamePassword() throws IOException {
            Files.writeString(home.resolve(".pgpass"), "a:*:*:*:same\nb:*:*:*:same\nc:*:*:*:s3cr3t\n");
            assertThat(resolve("postgres://a,b/d").properties()).containsEntry("password", "same");
            assertThatThrownBy(() -> resolve("postgres://a,c/d"))
                    .isInstanceOf(ConnectionUsageException.class)
                    .hasMessageContaining("different passwords")
                    .hasMessageNotContaining(SECRET);
        }

        @Test
        void mayBeAbsentOrADirectory() {
            Map<String, String> environment = Map.of("PGPASSFILE", home.toString());
            assertThat(resolve("postgres://h/d", environment).properties()).doesNotContainKey("password");
        }
    }

    @Test
    void connectsToTheBundledServerWhereNothingElseIsNamed() throws SQLException {
        try (BundledPostgres postgres = BundledPostgres.start(BundledPostgresOptions.throwaway())) {
            Map<String, String> environment = Map.of("HOME", home.toString(), "PGSSLMODE", "require");
            ConnectionSettings settings = ConnectionSettings.resolve(null, environment, postgres.dataDirectory());
            assertThat(settings.describe()).isEqualTo(postgres.url());
            try (Connection connection = settings.connect()) {
                assertThat(text(connection, "SHOW application_name")).isEqualTo("pgmatch");
            }
            try (HikariDataSource pool = settings.open(2);
                    Connection connection = pool.getConnection()) {
                assertThat(pool.getMaximumPoolSize()).isEqualTo(2);
                assertThat(pool.getConnectionTimeout()).isEqualTo(5_000);
                assertThat(text(connection, "SELECT current_database()")).isEqualTo("pgmatch");
            }

            String unknown = postgres.url("nowhere");
            assertThatThrownBy(() -> resolve(unknown).connect())
                    .isInstanceOf(PgmatchException.class)
                    .hasMessage("cannot connect to " + unknown + ": FATAL: database \"nowhere\" does not exist");
        }
    }

    @Test
    void saysInOneLineThatNobodyListensBeItThroughThePool() {
        ConnectionSettings settings = resolve("postgres://ann:" + SECRET + "@127.0.0.1:1/d?connect_timeout=1");
        String line = "cannot connect to postgresql://ann@127.0.0.1:1/d: ConnectException: Connection refused";
        assertThatThrownBy(settings::connect)
                .isInstanceOf(PgmatchException.class)
                .hasMessage(line);
        try (HikariDataSource pool = settings.open(1)) {
            assertThatThrownBy(pool::getConnection)
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(settings.unreachable(e)).hasMessage(line));
        }
    }

    private ConnectionSettings resolve(@Nullable String url) {
        return resolve(url, Map.of());
    }

    private ConnectionSettings resolve(@Nullable String url, Map<String, String> environment) {
        Map<String, String> complete = new HashMap<>(environment);
        complete.put("HOME", home.toString());
        return ConnectionSettings.resolve(url, complete, home);
    }

    private static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            assertThat(result.next()).isTrue();
            return result.getString(1);
        }
    }
}
