package io.pgmatch.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code pool pause}. */
@Command(
        name = "pause",
        description = {
            "Has matchers leave a pool alone until it is resumed.",
            "Tasks may still be added and cancelled. A round in hand still finishes."
        })
final class PoolPauseCommand implements Callable<Integer> {
    private final CommandContext context;

    @Parameters(paramLabel = "NAME", description = "The pool.")
    private String name = "";

    PoolPauseCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        return context.onMigrated(pgmatch -> {
            pgmatch.pausePool(name, true);
            context.console().line("paused pool " + name);
            return 0;
        });
    }
}
