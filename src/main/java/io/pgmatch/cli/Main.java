package io.pgmatch.cli;

import io.pgmatch.model.PgmatchException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of pgmatch: {@code pgmatch COMMAND}. */
@Command(
        name = "pgmatch",
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Pairs waiting tasks on PostgreSQL.",
        footerHeading = "%nFor a first try:%n",
        footer = {
            "  pgmatch db                            in one terminal: a database of its own",
            "  pgmatch run                           in another: a matcher",
            "  pgmatch add; pgmatch add              in a third: two tasks",
            "  pgmatch pairs                         and here they are",
            "",
            "pgmatch COMMAND --help tells more. Exit codes: 0 done, 1 failed, 2 wrong usage."
        },
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n")
public final class Main implements Runnable {
    @Mixin
    private final CommandContext context;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            order = 903,
            description = "Show the version.")
    private boolean version;

    private Main(CommandContext context) {
        this.context = context;
    }

    /** Runs a command and exits with its code. */
    public static void main(String[] arguments) {
        Console console =
                new Console(new FileOutputStream(FileDescriptor.out), new FileOutputStream(FileDescriptor.err));
        int code;
        try {
            code = run(console, System.getenv(), Arguments.read(arguments));
        } catch (PgmatchException e) {
            console.error(String.valueOf(e.getMessage()));
            code = Failures.FAILED;
        }
        System.exit(code);
    }

    /** Runs a command; returns its exit code. */
    static int run(Console console, Map<String, String> environment, List<String> arguments) {
        CommandContext context = new CommandContext(console, environment);
        Failures failures = new Failures(context);
        CommandLine line = commandLine(context)
                .setExecutionExceptionHandler((e, command, parsed) -> failures.handle(e))
                .setParameterExceptionHandler((e, given) -> failures.handleUsage(e));
        int code = 0;
        try {
            code = line.execute(arguments.toArray(String[]::new));
            console.flush();
            return code;
        } catch (RuntimeException e) {
            return Math.max(code, failures.handle(e));
        }
    }

    /** The commands and how they are read. */
    static CommandLine commandLine(CommandContext context) {
        CommandLine pool = new CommandLine(new PoolCommand())
                .addSubcommand(new PoolCreateCommand(context))
                .addSubcommand(new PoolListCommand(context))
                .addSubcommand(new PoolShowCommand(context))
                .addSubcommand(new PoolRuleCommand(context))
                .addSubcommand(new PoolPauseCommand(context))
                .addSubcommand(new PoolResumeCommand(context))
                .addSubcommand(new PoolDropCommand(context));
        CommandLine line = new CommandLine(new Main(context))
                .addSubcommand(new DemoCommand(context))
                .addSubcommand(new DbCommand(context))
                .addSubcommand(new MigrateCommand(context))
                .addSubcommand(pool)
                .addSubcommand(new CommandLine(new RuleCommand()).addSubcommand(new RuleCheckCommand(context)))
                .addSubcommand(new SimulateCommand(context))
                .addSubcommand(new AddCommand(context))
                .addSubcommand(new RunCommand(context))
                .addSubcommand(new PairsCommand(context))
                .addSubcommand(new PairOfCommand(context))
                .addSubcommand(new TasksCommand(context))
                .addSubcommand(new ExplainCommand(context))
                .addSubcommand(new CancelCommand(context))
                .addSubcommand(new StatusCommand(context))
                .addSubcommand(new VerifyCommand(context))
                .addSubcommand(bench(context));
        PrintWriter out = new PrintWriter(new ConsoleWriter(context.console()));
        return line.setOut(out)
                // What a shell hands over is meant as it stands.
                .setExpandAtFiles(false)
                .setUsageHelpAutoWidth(true)
                .setExecutionStrategy(parsed -> {
                    Logging.configure(context.verbose());
                    return new CommandLine.RunLast().execute(parsed);
                });
    }

    private static CommandLine bench(CommandContext context) {
        return ServiceLoader.load(BenchProvider.class, Main.class.getClassLoader())
                .findFirst()
                .map(provider -> provider.command(context))
                .orElseGet(() -> new CommandLine(new BenchElsewhereCommand(context)));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command is given");
    }

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"pgmatch " + (version == null ? "(not packaged)" : version)};
        }
    }

    /** Lets picocli write its help to the console. */
    private static final class ConsoleWriter extends Writer {
        private final Console console;

        ConsoleWriter(Console console) {
            this.console = console;
        }

        @Override
        public void write(char[] characters, int offset, int length) {
            console.print(new String(characters, offset, length));
        }

        @Override
        public void flush() {
            console.flush();
        }

        @Override
        public void close() {
            console.flush();
        }
    }
}
