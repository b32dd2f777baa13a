package io.pgmatch.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench all}: every scenario, and a report. */
@Command(name = "all", description = "Runs every scenario, and writes a report.")
final class BenchAllCommand implements Callable<Integer> {
    private final CommandContext context;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            required = true,
            description = "Where to write report.html and bench.json.")
    private @Nullable Path directory;

    BenchAllCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        context.console().error("not yet: " + directory);
        return Failures.FAILED;
    }
}
