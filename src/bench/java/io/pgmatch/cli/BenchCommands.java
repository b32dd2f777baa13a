package io.pgmatch.cli;

import io.pgmatch.bench.Scenario;
import io.pgmatch.bench.Suite;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The command {@code bench}: a command for each scenario, and one for all. */
public final class BenchCommands implements BenchProvider {
    /** What the options of the scenario are known by. */
    static final String SCENARIO = "scenario";

    /** For the service loader. */
    public BenchCommands() {}

    @Override
    public CommandLine command(CommandContext context) {
        CommandLine bench = new CommandLine(new BenchCommand());
        for (Scenario scenario : Suite.scenarios()) {
            bench.addSubcommand(scenario.name(), scenarioLine(new ScenarioCommand(context, scenario), scenario));
        }
        return bench.addSubcommand(new BenchAllCommand(context));
    }

    /** The command line that sets the options of a scenario. */
    static CommandLine scenarioLine(Object command, Scenario scenario) {
        CommandLine line = new CommandLine(command);
        CommandSpec options = CommandSpec.forAnnotatedObject(scenario);
        line.getCommandSpec().name(scenario.name()).addMixin(SCENARIO, options);
        return line;
    }
}
