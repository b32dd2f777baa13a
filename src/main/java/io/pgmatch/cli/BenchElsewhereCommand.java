package io.pgmatch.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** {@code bench} where the benchmarks are not: says where they are. */
@Command(name = "bench", description = "Runs benchmarks; from a checkout only, as ./pgmatch bench.")
final class BenchElsewhereCommand implements Callable<Integer> {
    private final CommandContext context;

    /** Whatever was asked for. */
    @Unmatched
    private List<String> arguments = new ArrayList<>();

    BenchElsewhereCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        context.console()
                .error("bench runs from a checkout of pgmatch, as ./pgmatch bench; the jar carries no benchmarks");
        return Failures.WRONG_USAGE;
    }
}
