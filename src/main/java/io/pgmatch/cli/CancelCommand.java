package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.model.CancelAnswer;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cancel}. */
@Command(
        name = "cancel",
        description = {
            "Takes a waiting task back.",
            "Prints what became of it: cancelled (exit 0), matched with ID or unknown (exit 1). If a matcher"
                    + " is just pairing it, waits for the outcome."
        })
final class CancelCommand implements Callable<Integer> {
    private final CommandContext context;

    @Option(names = "--pool", paramLabel = "POOL", description = "The pool it is in; default: looked up.")
    private @Nullable String pool;

    @Parameters(paramLabel = "ID", description = "The id of the task.")
    private long id;

    CancelCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        return context.onMigrated(this::cancel);
    }

    private int cancel(Pgmatch pgmatch) {
        CancelAnswer answer = pgmatch.cancel(pool, id);
        if (answer instanceof CancelAnswer.Cancelled) {
            context.console().line("cancelled");
            return 0;
        }
        context.console()
                .line(
                        answer instanceof CancelAnswer.Matched matched
                                ? "matched with " + matched.partnerId()
                                : "unknown");
        return Failures.FAILED;
    }
}
