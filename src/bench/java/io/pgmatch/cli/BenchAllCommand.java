package io.pgmatch.cli;

import io.pgmatch.bench.Bench;
import io.pgmatch.bench.BenchRun;
import io.pgmatch.bench.Machine;
import io.pgmatch.bench.Report;
import io.pgmatch.bench.Scenario;
import io.pgmatch.bench.Suite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench all}: every scenario, and a report. */
@Command(
        name = "all",
        description = {
            "Runs every scenario, which takes hours, and writes a report: report.html with plots, and bench.json.",
            "Both are written anew after each scenario. One that fails does not keep the others from running; the exit"
                    + " code is then 1. Falling short of what must be reached is no failure."
        })
final class BenchAllCommand implements Callable<Integer> {
    private final CommandContext context;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--report", paramLabel = "DIR", required = true, description = "Where to write the report.")
    private Path directory = Path.of("");

    @Option(names = "--quick", description = "Everything tiny: to see that it runs. The figures mean nothing.")
    private boolean quick;

    @Option(
            names = "--only",
            paramLabel = "A,B",
            split = ",",
            hideParamSyntax = true,
            description = "Only the runs of these scenarios; default: all.")
    private List<String> only = List.of();

    @Mixin
    private FormatOption format = new FormatOption();

    BenchAllCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws Exception {
        requireKnown();
        Report report = new Report(directory);
        return BenchSetting.on(context, (bench, progress) -> runAll(bench, progress, report));
    }

    private int runAll(Bench bench, BenchProgress progress, Report report) throws Exception {
        Machine machine = Machine.of(bench);
        List<BenchRun> runs = new ArrayList<>();
        List<Suite.Entry> entries = Suite.all().stream()
                .filter(entry -> only.isEmpty() || only.contains(entry.scenario()))
                .toList();
        for (Suite.Entry entry : entries) {
            List<String> arguments = quick ? entry.small() : entry.arguments();
            Scenario scenario = read(arguments);
            progress.within((runs.size() + 1) + "/" + entries.size() + " " + entry.scenario());
            BenchRun run = BenchRun.tried(scenario, arguments.subList(1, arguments.size()), bench);
            runs.add(run);
            report.write(machine, runs);
            progress.end();
            context.console()
                    .note(run.title() + ": "
                            + (run.failure() == null ? "done" : "failed: " + run.failure())
                            + ", in " + Durations.shown(run.took()));
        }
        BenchOutput.print(context.console(), format.get(), machine, runs);
        context.console().flush();
        context.console().note("the report is " + report.page());
        return runs.stream().allMatch(run -> run.failure() == null) ? 0 : Failures.FAILED;
    }

    /** The scenario that the arguments name, with its options set. */
    private Scenario read(List<String> arguments) {
        Scenario scenario = Suite.scenarios().stream()
                .filter(each -> each.name().equals(arguments.get(0)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no scenario " + arguments));
        CommandLine line = BenchCommands.scenarioLine(new ScenarioCommand(context, scenario), scenario);
        line.parseArgs(arguments.subList(1, arguments.size()).toArray(String[]::new));
        scenario.check();
        return scenario;
    }

    private void requireKnown() {
        Set<String> known =
                Suite.scenarios().stream().map(Scenario::name).collect(Collectors.toCollection(TreeSet::new));
        for (String name : only) {
            if (!known.contains(name)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--only: wanted some of " + String.join(", ", known) + ", got \"" + name + "\"");
            }
        }
    }
}
