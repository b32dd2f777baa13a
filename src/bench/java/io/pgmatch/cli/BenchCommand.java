package io.pgmatch.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench}: measures. */
@Command(
        name = "bench",
        synopsisSubcommandLabel = "SCENARIO",
        description = {
            "Measures how fast pgmatch is, in scenarios.",
            "Without --url on a throwaway PostgreSQL of its own, tuned as docs/operations.md advises, fsync and"
                    + " synchronous_commit on. With --url in pools of its own, named bench-…, and in the schema"
                    + " pgmatch_bench, which it takes away again. Ratios within a run are what counts; docs/benchmarks.md has what was reached."
        },
        commandListHeading = "%nScenarios:%n")
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no scenario is given");
    }
}
