package io.pgmatch.cli;

import io.pgmatch.model.SearchPlan;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code rule check}. */
@Command(
        name = "check",
        description = {
            "Checks whether a file holds a rule, without a database.",
            "Says which conditions the database narrows the search by, and which are judged one candidate at a"
                    + " time. Exit 1 if it is no rule, with the place, what was wanted and what came."
        })
final class RuleCheckCommand implements Callable<Integer> {
    private static final Listing<SearchPlan> LISTING = new Listing<>(List.of(
            Column.of("narrowed", plan -> PlanListing.json(plan.narrowed())),
            Column.of("not_narrowed", plan -> PlanListing.json(plan.paged()))));

    private final CommandContext context;

    @Parameters(paramLabel = "FILE", description = "File with a rule, or - for standard input.")
    private String file = "";

    @Mixin
    private ClassPathOption classPath = new ClassPathOption();

    @Mixin
    private FormatOption format = new FormatOption();

    RuleCheckCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        RuleFile rule = RuleFile.read(file, classPath.loader());
        if (format.get() == Format.TABLE) {
            context.console().line(InputText.name(file) + " is a rule");
            PlanListing.print(context.console(), rule.plan());
        } else {
            LISTING.printOne(context.console(), format.get(), rule.plan());
        }
        return 0;
    }
}
