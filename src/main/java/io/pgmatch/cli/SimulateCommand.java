package io.pgmatch.cli;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.Pgmatch;
import io.pgmatch.Simulator;
import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.embedded.BundledPostgresOptions;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.Scenario;
import io.pgmatch.model.SimulationResult;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code simulate}: tries a rule out under virtual time. */
@Command(
        name = "simulate",
        description = {
            "Runs a case under virtual time: a rule, a timeline, and what is expected of it.",
            "Or, with --tasks and --rule, replays recorded arrivals. A throwaway database of its own is started"
                    + " for it; the rounds are those of every matcher. Exit 1 if an expectation fails."
        },
        footerHeading = "%nFor example:%n",
        footer = {
            "  pgmatch simulate case.json",
            "  pgmatch simulate --tasks tasks.jsonl --rule rule.json --compare wider.json",
            "",
            "A line of tasks: {\"at\": \"1.5s\", \"ref\": \"game-17\", \"attributes\": {\"rating\": 1500}}"
        })
final class SimulateCommand implements Callable<Integer> {
    private final CommandContext context;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", arity = "0..1", description = "File with a case, or - for standard input.")
    private @Nullable String caseFile;

    @Option(
            names = "--tasks",
            paramLabel = "FILE.jsonl",
            description = "Recorded arrivals instead, a JSON object a line: at (a duration since the start, or a"
                    + " time), ref, attributes.")
    private @Nullable String tasksFile;

    @Option(names = "--rule", paramLabel = "FILE", description = "The rule for recorded arrivals.")
    private @Nullable String ruleFile;

    @Option(names = "--compare", paramLabel = "RULE2", description = "Another rule, to be shown side by side.")
    private @Nullable String compareFile;

    @Mixin
    private ClassPathOption classPath = new ClassPathOption();

    @Mixin
    private FormatOption format = new FormatOption();

    SimulateCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        if (context.namesDatabase()) {
            throw new ParameterException(
                    spec.commandLine(), "simulate runs in a throwaway database of its own and takes no --url");
        }
        if ((caseFile == null) == (tasksFile == null) || (tasksFile == null) != (ruleFile == null)) {
            throw new ParameterException(
                    spec.commandLine(), "wanted either the FILE of a case, or --tasks together with --rule");
        }
        ClassLoader classLoader = classPath.loader();
        Scenario scenario = caseFile != null ? readCase(caseFile, classLoader) : readTasks(tasksFile);
        String rule = ruleFile != null ? RuleFile.read(ruleFile, classLoader).text() : String.valueOf(scenario.rule());
        String other = compareFile == null
                ? null
                : RuleFile.read(compareFile, classLoader).text();
        return simulate(scenario, rule, other, classLoader);
    }

    private int simulate(Scenario scenario, String rule, @Nullable String other, @Nullable ClassLoader classLoader) {
        long events = scenario.events().size() * (other == null ? 1L : 2L);
        try (BundledPostgres postgres = BundledPostgres.start(BundledPostgresOptions.throwaway());
                HikariDataSource connections = open(postgres);
                ProgressLine progress = ProgressLine.start("simulating", events)) {
            Simulator simulator = Simulator.on(connections, classLoader);
            SimulationResult result = simulator.run(scenario, rule, null, progress::at);
            SimulationReport report = new SimulationReport(context.console(), scenario.name());
            if (other == null) {
                progress.close();
                report.print(format.get(), result);
            } else {
                SimulationResult compared = simulator.run(
                        scenario.withoutExpectations(),
                        other,
                        rule,
                        done -> progress.at(scenario.events().size() + done));
                progress.close();
                report.print(format.get(), result, compared);
            }
            return judge(result.judgement().differences());
        }
    }

    private int judge(List<String> differences) {
        if (differences.isEmpty()) {
            return 0;
        }
        context.console().flush();
        context.console()
                .error("the case came out differently in "
                        + Words.count(differences.size(), "place") + ": " + differences.get(0)
                        + (differences.size() == 1 ? "" : "; …"));
        return Failures.FAILED;
    }

    private static HikariDataSource open(BundledPostgres postgres) {
        postgres.createDatabase("simulation");
        HikariConfig config = new HikariConfig();
        config.setPoolName("simulation");
        config.setDataSource(postgres.dataSource("simulation"));
        config.setMaximumPoolSize(2);
        return new HikariDataSource(config);
    }

    private static Scenario readCase(String file, @Nullable ClassLoader classLoader) {
        try {
            Scenario scenario = Simulator.readCase(InputText.read(file));
            Pgmatch.checkRule(String.valueOf(scenario.rule()), classLoader);
            return scenario;
        } catch (PgmatchException e) {
            String message = String.valueOf(e.getMessage());
            throw message.startsWith(InputText.name(file) + ":")
                    ? e
                    : new PgmatchException(InputText.name(file) + ": " + message, e);
        }
    }

    private static Scenario readTasks(@Nullable String file) {
        String name = String.valueOf(file);
        return Simulator.readArrivals(InputText.name(name), InputLines.read(name));
    }
}
