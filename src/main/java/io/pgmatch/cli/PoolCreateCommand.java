package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.model.PgmatchException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pool create}. */
@Command(
        name = "create",
        description = "Creates a pool.",
        footerHeading = "%nA rule, for example; tasks of the same mode match:%n",
        footer = "  {\"attributes\": {\"mode\": {\"type\": \"text\"}}, \"match\": [{\"equal\": \"mode\"}]}")
final class PoolCreateCommand implements Callable<Integer> {
    private static final String ANY_TWO = "{\"match\": []}";

    private final CommandContext context;

    @Parameters(paramLabel = "NAME", description = "Its name: 1 to 100 letters A-Z and a-z, digits, and _ . : / -")
    private String name = "";

    @Option(
            names = "--rule",
            paramLabel = "FILE",
            description = "File with its rule, or - for standard input; without one, any two of its tasks match.")
    private @Nullable String ruleFile;

    PoolCreateCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        String rule = ruleFile == null ? ANY_TWO : readRule(ruleFile);
        return context.onMigrated(pgmatch -> {
            pgmatch.createPool(name, rule);
            context.console().line("created pool " + name);
            return 0;
        });
    }

    private static String readRule(String file) {
        String rule = InputText.read(file);
        try {
            Pgmatch.checkRule(rule);
        } catch (PgmatchException e) {
            throw new PgmatchException(InputText.name(file) + ": " + e.getMessage(), e);
        }
        return rule;
    }
}
