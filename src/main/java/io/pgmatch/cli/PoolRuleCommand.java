package io.pgmatch.cli;

import io.pgmatch.model.ChangedRule;
import io.pgmatch.model.PoolStatus;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pool rule}. */
@Command(
        name = "rule",
        description = {
            "Changes a pool's rule, also while tasks wait in it and matchers run.",
            "The new rule is in force at once. Then the waiting tasks are searched for again under it, in steps"
                    + " that do not stop matching; those that it refuses are retired with the reason. Should the"
                    + " command be killed on the way, matchers finish it, and so does running it again."
        })
final class PoolRuleCommand implements Callable<Integer> {
    private final CommandContext context;

    @Parameters(paramLabel = "NAME", description = "The pool.")
    private String name = "";

    @Option(
            names = {"--file", "--rule"},
            paramLabel = "FILE",
            required = true,
            description = "File with its new rule, or - for standard input.")
    private String file = "";

    @Mixin
    private ClassPathOption classPath = new ClassPathOption();

    PoolRuleCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        ClassLoader classLoader = classPath.loader();
        RuleFile rule = RuleFile.read(file, classLoader);
        return context.onMigrated(CommandContext.REPORT_TIMEOUT, pgmatch -> {
            long waiting =
                    pgmatch.status(name).stream().mapToLong(PoolStatus::waiting).sum();
            ChangedRule changed;
            try (ProgressLine progress = ProgressLine.start("waiting tasks", waiting)) {
                changed = pgmatch.withClassLoader(classLoader).changeRule(name, rule.text(), progress::at);
            }
            Console console = context.console();
            console.line("pool " + name + " has version " + changed.ruleVersion() + " of its rule");
            console.line(Words.count(changed.derived(), "waiting task") + " to be searched for again");
            console.line(Words.count(changed.refused(), "waiting task") + " refused and retired"
                    + (changed.refused() == 0 ? "" : "; pgmatch.retired_tasks has the reasons"));
            PlanListing.print(console, rule.plan());
            return 0;
        });
    }
}
