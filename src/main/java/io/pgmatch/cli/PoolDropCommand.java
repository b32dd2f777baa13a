package io.pgmatch.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pool drop}. */
@Command(
        name = "drop",
        description = {
            "Drops a pool; its pairs and retired tasks stay.",
            "Refuses while tasks wait in it, unless they are to be retired."
        })
final class PoolDropCommand implements Callable<Integer> {
    private final CommandContext context;

    @Parameters(paramLabel = "NAME", description = "The pool.")
    private String name = "";

    @Option(names = "--retire", description = "Retire the tasks that wait in it.")
    private boolean retire;

    PoolDropCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        return context.onMigrated(pgmatch -> {
            long retired = pgmatch.dropPool(name, retire);
            context.console()
                    .line("dropped pool " + name + (retire ? ", " + Words.count(retired, "task") + " retired" : ""));
            return 0;
        });
    }
}
