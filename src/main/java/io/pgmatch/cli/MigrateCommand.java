package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code migrate}: creates the schema, or brings it up to date. */
@Command(
        name = "migrate",
        description = {
            "Creates the schema pgmatch in the database, or brings it up to date.",
            "May be run again at any time: what has been applied is left alone."
        })
final class MigrateCommand implements Callable<Integer> {
    private final CommandContext context;

    @Option(names = "--dry-run", description = "Print the SQL that would be applied, and change nothing.")
    private boolean dryRun;

    MigrateCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        return context.onAny(CommandContext.REPORT_TIMEOUT, pgmatch -> dryRun ? show(pgmatch) : migrate(pgmatch));
    }

    private int show(Pgmatch pgmatch) {
        var pending = pgmatch.pendingMigrations();
        Console console = context.console();
        if (pending.isEmpty()) {
            console.line("-- nothing to apply: the schema has version " + pgmatch.schemaVersion());
        } else if (pgmatch.schemaVersion() == 0) {
            console.line("CREATE SCHEMA IF NOT EXISTS pgmatch;");
        }
        for (var migration : pending) {
            console.line("\n-- " + migration.name());
            console.line(migration.sql().stripTrailing());
        }
        return 0;
    }

    private int migrate(Pgmatch pgmatch) {
        List<String> applied = pgmatch.migrate();
        applied.forEach(name -> context.console().line("applied " + name));
        context.console()
                .line((applied.isEmpty() ? "nothing to apply: the schema has version " : "the schema has version ")
                        + pgmatch.schemaVersion());
        return 0;
    }
}
