package io.pgmatch.cli;

import io.pgmatch.bench.BenchRun;
import io.pgmatch.bench.Machine;
import io.pgmatch.bench.Scenario;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code bench SCENARIO}: runs one scenario; its options are the scenario's. */
@Command
final class ScenarioCommand implements Callable<Integer> {
    private final CommandContext context;
    private final Scenario scenario;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FormatOption format = new FormatOption();

    ScenarioCommand(CommandContext context, Scenario scenario) {
        this.context = context;
        this.scenario = scenario;
    }

    @Override
    public Integer call() throws Exception {
        try {
            scenario.check();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        List<String> options = optionsOf(spec.commandLine().getParseResult());
        return BenchSetting.on(context, (bench, progress) -> {
            Machine machine = Machine.of(bench);
            BenchRun run = BenchRun.of(scenario, options, bench);
            progress.end();
            BenchOutput.print(context.console(), format.get(), run, machine);
            return 0;
        });
    }

    /** The scenario's options as they were given: not the others, among which a URL may hold a password. */
    static List<String> optionsOf(ParseResult parsed) {
        Set<String> own = parsed.commandSpec()
                .mixins()
                .get(BenchCommands.SCENARIO)
                .optionsMap()
                .keySet();
        return parsed.matchedOptions().stream()
                .filter(option -> own.contains(option.longestName()))
                .flatMap(option -> Stream.of(option.longestName(), String.join(",", option.originalStringValues())))
                .toList();
    }
}
