package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.embedded.BundledPostgresOptions;
import io.pgmatch.model.PgmatchException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code db}: runs the bundled PostgreSQL until a signal ends it. */
@Command(
        name = "db",
        description = {
            "Runs a PostgreSQL of its own, ready for use, until Ctrl-C.",
            "Needs nothing installed. The data is kept from one run to the next. Other commands find the"
                    + " server by themselves when they run in the same directory. It listens on the loopback"
                    + " interface only, where anybody may connect without a password."
        })
final class DbCommand implements Callable<Integer> {
    private static final Duration LOOK_PAUSE = Duration.ofSeconds(1);
    private static final int PORT_MAX = 65_535;

    private final CommandContext context;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where the data is kept; default: .pgmatch in this directory.")
    private Path data = BundledPostgres.DEFAULT_DATA_DIRECTORY;

    @Option(names = "--port", paramLabel = "PORT", description = "Port on 127.0.0.1; default: any free one.")
    private int port;

    DbCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (context.namesDatabase()) {
            throw new ParameterException(spec.commandLine(), "db runs a database of its own and takes no --url");
        }
        if (port < 0 || port > PORT_MAX) {
            throw new ParameterException(spec.commandLine(), "--port: wanted 1 to " + PORT_MAX + ", got " + port);
        }
        StopSignals signals = StopSignals.installPatient();
        context.console().note("starting PostgreSQL …");
        try (BundledPostgres postgres =
                BundledPostgres.start(BundledPostgresOptions.kept(data).withPort(port))) {
            Pgmatch pgmatch = Pgmatch.on(postgres.dataSource());
            pgmatch.migrate();
            announce(postgres, pgmatch.schemaVersion());
            while (!signals.await(LOOK_PAUSE)) {
                if (postgres.processId().isEmpty()) {
                    throw new PgmatchException("the PostgreSQL in " + postgres.dataDirectory()
                            + " has ended; its log says why: "
                            + postgres.dataDirectory().resolve("server.log"));
                }
            }
            context.console().note("stopping PostgreSQL …");
        }
        return 0;
    }

    /** The first line is the URL and nothing else, for scripts. */
    private void announce(BundledPostgres postgres, int schemaVersion) {
        String url = postgres.url();
        boolean found = postgres.dataDirectory()
                .equals(BundledPostgres.DEFAULT_DATA_DIRECTORY.toAbsolutePath().normalize());
        String usage = found
                ? "In this directory, pgmatch commands find it by themselves; elsewhere, give them"
                : "To use it, give pgmatch commands";
        context.console().print("""
                %s

                PostgreSQL is ready: database pgmatch, migrated to schema version %d, data in %s
                %s
                  --url %s
                psql takes the same URL. Ctrl-C stops it; the data stays.
                """.formatted(url, schemaVersion, postgres.dataDirectory(), usage, url));
        context.console().flush();
    }
}
