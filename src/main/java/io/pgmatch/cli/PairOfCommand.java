package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.model.Pair;
import io.pgmatch.model.PgmatchException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code pair-of}. */
@Command(
        name = "pair-of",
        description = {"Shows the pair that a task is in.", "Exit 1 if it is in none."})
final class PairOfCommand implements Callable<Integer> {
    private final CommandContext context;

    @Parameters(paramLabel = "ID", description = "The id of the task.")
    private long id;

    @Mixin
    private FormatOption format = new FormatOption();

    PairOfCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        return context.onMigrated(this::show);
    }

    private int show(Pgmatch pgmatch) {
        Pair pair = pgmatch.pairOf(id)
                .orElseThrow(() -> new PgmatchException("task " + id
                        + ": wanted one that is in a pair, got one that waits, was retired or never existed"));
        PairListing.PAIR.printOne(context.console(), format.get(), pair);
        return 0;
    }
}
