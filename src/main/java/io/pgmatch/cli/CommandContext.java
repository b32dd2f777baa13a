package io.pgmatch.cli;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.Pgmatch;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What every command has: the options that all of them take, the database they name, the console. */
final class CommandContext {
    /** Counting may take long on a large database. */
    static final Duration REPORT_TIMEOUT = Duration.ofHours(1);

    private final Console console;
    private final Map<String, String> environment;

    @Option(
            names = "--url",
            scope = ScopeType.INHERIT,
            paramLabel = "URL",
            order = 900,
            description = {
                "The database: postgresql://user@host:5432/database, or the same behind jdbc:.",
                "Else DATABASE_URL counts, else PGHOST, PGPORT, PGUSER and so on,"
                        + " else the server that pgmatch db runs in this directory."
            })
    private @Nullable String url;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, order = 901, description = "Show where an error came from.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            scope = ScopeType.INHERIT,
            usageHelp = true,
            order = 902,
            description = "Show this help.")
    private boolean help;

    CommandContext(Console console, Map<String, String> environment) {
        this.console = console;
        this.environment = environment;
    }

    /** What a command does with the database. */
    interface Work {
        /** Returns the exit code. */
        int run(Pgmatch pgmatch);
    }

    Console console() {
        return console;
    }

    boolean verbose() {
        return verbose;
    }

    /** Whether a database was named on the command line. */
    boolean namesDatabase() {
        return url != null;
    }

    /** The environment in which another process of pgmatch finds the same database; may hold a password. */
    Map<String, String> environmentForOthers() {
        Map<String, String> others = new HashMap<>(environment);
        if (url != null) {
            others.put("DATABASE_URL", url);
        }
        return others;
    }

    /** Which database to work on. */
    ConnectionSettings settings() {
        return ConnectionSettings.resolve(url, environment);
    }

    /** Works on a database that has the schema of this build. */
    int onMigrated(Work work) {
        return onMigrated(ConnectionSettings.SOCKET_TIMEOUT, work);
    }

    /** The same, for statements that may take as long as {@code socketTimeout}. */
    int onMigrated(Duration socketTimeout, Work work) {
        ConnectionSettings settings = settings();
        requireReachable(settings);
        try (HikariDataSource connections = settings.open(1, socketTimeout)) {
            Pgmatch pgmatch = Pgmatch.on(connections);
            pgmatch.requireSchema();
            return work.run(pgmatch);
        }
    }

    /** Works on a database, whatever its schema; with as many connections as a migration takes. */
    int onAny(Duration socketTimeout, Work work) {
        ConnectionSettings settings = settings();
        requireReachable(settings);
        return work.run(Pgmatch.on(settings.dataSource(socketTimeout)));
    }

    /** Fails at once if the database does not answer; a pool would try again until its time is up. */
    static void requireReachable(ConnectionSettings settings) {
        try (Connection connection = settings.connect()) {
            connection.isReadOnly();
        } catch (SQLException e) {
            throw settings.unreachable(e);
        }
    }
}
