package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.model.Pool;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code pool show}. */
@Command(name = "show", description = "Shows a pool, its rule, and how partners are searched for.")
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
            Pool pool = pgmatch.pool(name);
            PoolListing.POOL.printOne(context.console(), format.get(), pool);
            if (format.get() == Format.TABLE) {
                PlanListing.print(context.console(), Pgmatch.searchPlan(pool.rule()));
            }
            return 0;
        });
    }
}
