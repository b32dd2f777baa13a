package io.pgmatch.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pool}: the commands for pools. */
@Command(
        name = "pool",
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        description = {
            "Creates pools and looks after them.",
            "A pool is a named queue with one rule, which says which two of its tasks may be paired. Tasks of"
                    + " different pools never meet. The pool default exists from the start; any two of its"
                    + " tasks match."
        })
final class PoolCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command is given: what to do with a pool?");
    }
}
