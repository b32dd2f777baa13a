package io.pgmatch.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code pool show}. */
@Command(name = "show", description = "Shows a pool and its rule.")
final class PoolShowCommand implements Callable<Integer> {
    private final CommandContext context;

    @Parameters(paramLabel = "NAME", description = "The pool.")
    private String name = "";

    @Mixin
    private FormatOption format = new FormatOption();

    PoolShowCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        return context.onMigrated(pgmatch -> {
            PoolListing.POOLS.printOne(context.console(), format.get(), pgmatch.pool(name));
            return 0;
        });
    }
}
