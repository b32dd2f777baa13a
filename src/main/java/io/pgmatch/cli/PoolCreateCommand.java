package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
            names = {"--rule", "--file"},
            paramLabel = "FILE",
            description = "File with its rule, or - for standard input; without one, any two of its tasks match.")
    private @Nullable String ruleFile;

    @Mixin
    private ClassPathOption classPath = new ClassPathOption();

    PoolCreateCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        ClassLoader classLoader = classPath.loader();
        RuleFile rule = ruleFile == null
                ? new RuleFile(ANY_TWO, Pgmatch.checkRule(ANY_TWO, null))
                : RuleFile.read(ruleFile, classLoader);
        return context.onMigrated(pgmatch -> {
            pgmatch.withClassLoader(classLoader).createPool(name, rule.text());
            context.console().line("created pool " + name);
            PlanListing.print(context.console(), rule.plan());
            return 0;
        });
    }
}
