package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PgmatchException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code add}: inserts one task. */
@Command(
        name = "add",
        description = "Inserts one task and prints its id.",
        footerHeading = "%nFor example:%n",
        footer = "  pgmatch add --pool chess --ref game-17 '{\"mode\": \"blitz\", \"rating\": 1500}'")
final class AddCommand implements Callable<Integer> {
    private final CommandContext context;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--pool", paramLabel = "POOL", description = "The pool it is to wait in; default: default.")
    private String pool = "default";

    @Option(
            names = "--ref",
            paramLabel = "REF",
            description = "Your own name for it, at most 512 bytes; unique among those that wait in the pool.")
    private @Nullable String ref;

    @Option(
            names = "--expires-in",
            paramLabel = "DURATION",
            converter = Durations.class,
            description = "If it has no partner by then it is retired: 500ms, 30s, 5m, 2h, 1d.")
    private @Nullable Duration expiresIn;

    @Parameters(
            paramLabel = "JSON",
            arity = "0..1",
            description = "Its attributes, a JSON object, or - for standard input; default: {}.")
    private String attributes = "{}";

    AddCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        if (expiresIn != null && expiresIn.isZero()) {
            throw new ParameterException(spec.commandLine(), "--expires-in: wanted a time above zero, got 0");
        }
        String json = attributes.equals(InputText.STDIN) ? InputText.read(attributes) : attributes;
        JsonCheck.requireStorable("pool \"" + pool + "\", attributes", json);
        NewTask task = new NewTask(pool, ref, json, expiresIn);
        return context.onMigrated(pgmatch -> {
            context.console().line(Long.toString(insert(pgmatch, task)));
            return 0;
        });
    }

    private static long insert(Pgmatch pgmatch, NewTask task) {
        try {
            return pgmatch.add(task);
        } catch (PgmatchException e) {
            if (!e.isTransient()) {
                throw e;
            }
            throw new PgmatchException(
                    "the database went away, so it is unknown whether the task was inserted;"
                            + " pgmatch tasks and pgmatch pairs tell: " + e.getMessage(),
                    e);
        }
    }
}
