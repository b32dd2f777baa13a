package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.model.Pair;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pairs}: lists or follows the pairs. */
@Command(
        name = "pairs",
        description = {
            "Lists the pairs that were made, newest last.",
            "With --follow it prints every pair exactly once, in the order of commits, until Ctrl-C: from the"
                    + " first pair ever, or with --limit N from the newest N. A database that restarts is"
                    + " waited for. With --format json each pair is an object on a line of its own."
        })
final class PairsCommand implements Callable<Integer> {
    private final CommandContext context;

    @Option(names = "--pool", paramLabel = "POOL", description = "Only this pool; default: all.")
    private @Nullable String pool;

    @Mixin
    private LimitOption limit = new LimitOption();

    @Option(names = "--follow", description = "Print every pair, and go on as they are made.")
    private boolean follow;

    @Mixin
    private FormatOption format = new FormatOption();

    PairsCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (follow) {
            Integer newest = limit.isGiven() ? limit.getOrZero() : null;
            return new PairsFollowing(context, pool, newest, format.get()).run();
        }
        int most = limit.get();
        return context.onMigrated(CommandContext.REPORT_TIMEOUT, pgmatch -> list(pgmatch, most));
    }

    private int list(Pgmatch pgmatch, int most) {
        List<Pair> pairs = pgmatch.pairs(pool, most);
        PairListing.PAIRS.print(context.console(), format.get(), pairs, "no pairs yet");
        return 0;
    }
}
