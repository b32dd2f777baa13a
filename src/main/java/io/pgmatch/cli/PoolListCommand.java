package io.pgmatch.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pool list}. */
@Command(name = "list", description = "Lists the pools by name.")
final class PoolListCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin
    private FormatOption format = new FormatOption();

    PoolListCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        return context.onMigrated(pgmatch -> {
            PoolListing.POOLS.print(context.console(), format.get(), pgmatch.pools(), "no pools");
            return 0;
        });
    }
}
