package io.pgmatch.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code pool resume}. */
@Command(name = "resume", description = "Has matchers take up a paused pool again.")
final class PoolResumeCommand implements Callable<Integer> {
    private final CommandContext context;

    @Parameters(paramLabel = "NAME", description = "The pool.")
    private String name = "";

    PoolResumeCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        return context.onMigrated(pgmatch -> {
            pgmatch.pausePool(name, false);
            context.console().line("resumed pool " + name);
            return 0;
        });
    }
}
