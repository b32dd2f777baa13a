package io.pgmatch.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.pgmatch.Pgmatch;
import io.pgmatch.bench.Bench;
import io.pgmatch.bench.BenchServer;
import io.pgmatch.embedded.BundledPostgres;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** Where benchmarks run: on the database that {@code --url} names, or on a throwaway one. */
final class BenchSetting {
    private static final String MATCHER_LOG = "io.pgmatch.Matcher";

    private BenchSetting() {}

    /** What is done there. */
    interface Work {
        /** Returns the exit code. */
        int run(Bench bench) throws Exception;
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
            int code = work.run(bench);
            if (!ownServer) {
                Runtime.getRuntime().removeShutdownHook(closer);
            }
            return code;
        }
    }
}
