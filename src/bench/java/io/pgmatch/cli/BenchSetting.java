package io.pgmatch.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.pgmatch.Pgmatch;
import io.pgmatch.bench.Bench;
import io.pgmatch.bench.BenchServer;
import io.pgmatch.embedded.BundledPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** Where benchmarks run: on the database that {@code --url} names, or on a throwaway one. */
final class BenchSetting {
    private static final String MATCHER_LOG = "io.pgmatch.Matcher";

    private BenchSetting() {}

    /** What is done there. */
    interface Work {
        /** Returns the exit code. */
        int run(Bench bench, BenchProgress progress) throws Exception;
    }

    /** Does it. */
    static int on(CommandContext context, Work work) throws Exception {
        if (LoggerFactory.getLogger(MATCHER_LOG) instanceof Logger log) {
            // The matchers of this process would write between the figures.
            log.setLevel(Level.WARN);
        }
        try (BenchProgress progress = new BenchProgress()) {
            if (context.namesDatabase()) {
                ConnectionSettings settings = context.settings();
                CommandContext.requireReachable(settings);
                warnOfOthers(context, settings);
                return on(settings, context.environmentForOthers(), false, progress, work);
            }
            progress.begin("starting a PostgreSQL of its own", 1);
            try (BundledPostgres postgres = BenchServer.start()) {
                Pgmatch.on(postgres.dataSource()).migrate();
                return on(
                        ConnectionSettings.resolve(postgres.url(), Map.of()),
                        Map.of("DATABASE_URL", postgres.url()),
                        true,
                        progress,
                        work);
            }
        }
    }

    /** Matchers that work in all pools would work in ours, too. */
    private static void warnOfOthers(CommandContext context, ConnectionSettings settings) throws SQLException {
        try (Connection connection = settings.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_stat_activity WHERE datname ="
                        + " current_database() AND application_name = 'pgmatch' AND pid <> pg_backend_pid()")) {
            row.next();
            if (row.getInt(1) > 0) {
                context.console()
                        .note("other sessions of pgmatch are connected; matchers that work in all pools take part,"
                                + " and the figures are theirs, too");
            }
        }
    }

    private static int on(
            ConnectionSettings settings,
            Map<String, String> environment,
            boolean ownServer,
            BenchProgress progress,
            Work work)
            throws Exception {
        try (Bench bench = new Bench(
                count -> settings.open(count, CommandContext.REPORT_TIMEOUT), environment, ownServer, progress)) {
            bench.pgmatch().requireSchema();
            Thread closer = new Thread(bench::close, "bench-end");
            if (!ownServer) {
                // Ctrl-C leaves no pools in somebody's database.
                Runtime.getRuntime().addShutdownHook(closer);
            }
            int code = work.run(bench, progress);
            if (!ownServer) {
                Runtime.getRuntime().removeShutdownHook(closer);
            }
            return code;
        }
    }
}
