package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PgmatchException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code add}: inserts one task, or those of a file. */
@Command(
        name = "add",
        description = "Inserts one task and prints its id; or, with --file, the tasks of a file.",
        footerHeading = "%nFor example:%n",
        footer = {
            "  pgmatch add --pool chess --ref game-17 '{\"mode\": \"blitz\", \"rating\": 1500}'",
            "  pgmatch add --pool chess --file seeks.jsonl --refused refused.jsonl",
            "",
            "A file holds one JSON object a line: the attributes of a task, or",
            "  {\"ref\": \"game-17\", \"expires_in\": \"30s\", \"attributes\": {\"mode\": \"blitz\", …}}",
            "A file whose name ends in .csv has a header: ref and expires_in are what they say, the",
            "other columns are attributes, of the types that the pool's rule declares."
        })
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

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Insert the tasks of this file, or - for standard input, whatever its size.")
    private @Nullable String file;

    @Option(
            names = "--refused",
            paramLabel = "FILE",
            description = "With --file: write refused lines here too, as JSON: line, reason, text.")
    private @Nullable Path refused;

    @Option(names = "--follow", description = "With --file: at its end, wait for more until interrupted.")
    private boolean follow;

    @Option(
            names = "--batch-id",
            paramLabel = "UUID",
            description = "With --file: sent again under the same id, the file is inserted only once,"
                    + " also after a kill in the middle.")
    private @Nullable UUID batchId;

    @Option(
            names = "--progress",
            negatable = true,
            description = "With --file: show a progress bar, or not; default: if there is a terminal.")
    private @Nullable Boolean progress;

    @Parameters(
            paramLabel = "JSON",
            arity = "0..1",
            description = "Its attributes, a JSON object, or - for standard input; default: {}.")
    private @Nullable String attributes;

    AddCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (expiresIn != null && expiresIn.isZero()) {
            throw new ParameterException(spec.commandLine(), "--expires-in: wanted a time above zero, got 0");
        }
        requireConsistent();
        if (file != null) {
            return new AddFile(context, new AddFileOptions(file, pool, expiresIn, refused, follow, batchId, progress))
                    .run();
        }
        String given = attributes == null ? "{}" : attributes;
        String json = given.equals(InputText.STDIN) ? InputText.read(given) : given;
        JsonCheck.requireStorable("pool \"" + pool + "\", attributes", json);
        NewTask task = new NewTask(pool, ref, json, expiresIn);
        return context.onMigrated(pgmatch -> {
            context.console().line(Long.toString(insert(pgmatch, task)));
            return 0;
        });
    }

    private void requireConsistent() {
        if (file != null && (attributes != null || ref != null)) {
            throw wrong("--file: wanted a file or one task, got both");
        }
        if (file == null && (refused != null || follow || batchId != null || progress != null)) {
            throw wrong("--refused, --follow, --batch-id and --progress: wanted together with --file, got none");
        }
        if (follow && batchId != null) {
            throw wrong("--batch-id: wanted a file that has an end, got --follow");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
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
