package io.pgmatch.cli;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.Matcher;
import io.pgmatch.MatcherConfig;
import io.pgmatch.model.MatcherCounts;
import io.pgmatch.model.PgmatchException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code run}: a matcher. */
@Command(
        name = "run",
        description = {
            "Pairs waiting tasks until Ctrl-C or SIGTERM.",
            "Any number of matchers may run against one database, on any machines. A database that restarts"
                    + " is waited for. The log goes to stderr. A second signal ends it on the spot; that"
                    + " loses nothing, the round in hand is rolled back."
        })
final class RunCommand implements Callable<Integer> {
    private static final Duration LOOK_PAUSE = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    /** For what follows the rounds in hand: leaving the database in order. */
    private static final Duration END_WAIT = Duration.ofSeconds(5);

    private final CommandContext context;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--pools",
            paramLabel = "A,B",
            split = ",",
            hideParamSyntax = true,
            description = "The pools to work in; default: all, also those created later.")
    private List<String> pools = List.of();

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Threads, with a connection each; default: ${DEFAULT-VALUE}.")
    private int workers = 1;

    @Option(
            names = "--batch",
            paramLabel = "K",
            defaultValue = "" + MatcherConfig.CLAIM_BATCH_DEFAULT,
            description = "Most tasks that a round claims; default: ${DEFAULT-VALUE}.")
    private int batch = MatcherConfig.CLAIM_BATCH_DEFAULT;

    @Option(
            names = "--backlog-rounds",
            paramLabel = "N",
            description = "Most rounds at once, of all matchers, that drain the backlog of a pool: about as many as the"
                    + " server has cores; default: as many as this machine has, and two at least.")
    private int backlogRounds = MatcherConfig.backlogRoundsDefault();

    @Option(
            names = "--grace",
            paramLabel = "DURATION",
            converter = Durations.class,
            description = "How long the rounds in hand may take to finish at the end; default: 15s.")
    private Duration grace = MatcherConfig.GRACE_DEFAULT;

    @Option(
            names = "--no-listen",
            description = "Do not ask to be notified of inserts; for poolers in transaction mode, which cannot.")
    private boolean noListen;

    @Option(names = "--drain", description = "End when no pair is left to make.")
    private boolean drain;

    @Mixin
    private ClassPathOption classPath = new ClassPathOption();

    RunCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        ClassLoader classLoader = classPath.loader();
        StopSignals signals = StopSignals.install(END_WAIT);
        int connectionCount = requireInBounds().connections();
        ConnectionSettings settings = context.settings();
        CommandContext.requireReachable(settings);
        try (HikariDataSource connections = settings.open(connectionCount);
                Matcher matcher = matcher(connections, classLoader)) {
            matcher.start();
            signals.patience(grace.plus(END_WAIT));
            signals.onStop(matcher::close);
            LOG.info("matching in {}: {}", settings.describe(), described(matcher.config()));
            long start = System.nanoTime();
            if (drain) {
                matcher.awaitDrained();
            } else {
                while (!signals.await(LOOK_PAUSE)) {
                    matcher.requireAlive();
                }
            }
            LOG.info(signals.isStopped() ? "stopping: finishing the rounds in hand" : "drained");
            matcher.close();
            LOG.info(
                    "{}, in {}",
                    described(matcher.counts()),
                    Durations.shown(Duration.ofNanos(System.nanoTime() - start)));
        }
        return 0;
    }

    private Matcher matcher(DataSource source, @Nullable ClassLoader classLoader) {
        Matcher.Builder builder = Matcher.builder(source)
                .pools(pools)
                .workers(workers)
                .batch(batch)
                .backlogRounds(backlogRounds)
                .grace(grace)
                .listen(!noListen);
        if (classLoader != null) {
            builder.classLoader(classLoader);
        }
        return builder.build();
    }

    /** Refuses settings out of bounds as what they are here: wrong usage. */
    private MatcherConfig requireInBounds() {
        if (pools.isEmpty() && spec.commandLine().getParseResult().hasMatchedOption("--pools")) {
            throw new ParameterException(spec.commandLine(), "--pools: wanted names of pools, got none");
        }
        try {
            return new MatcherConfig("run", Set.copyOf(pools), workers, batch, backlogRounds, grace, !noListen);
        } catch (PgmatchException e) {
            throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
        }
    }

    private static String described(MatcherConfig config) {
        return (config.pools() == null ? "all pools" : "pools " + String.join(", ", new TreeSet<>(config.pools())))
                + ", " + Words.count(config.workers(), "worker")
                + ", rounds of up to " + Words.count(config.claimBatchMax(), "task")
                + ", as " + config.name();
    }

    private static String described(MatcherCounts counts) {
        return Words.count(counts.pairs(), "pair") + " made in " + Words.count(counts.rounds(), "round") + "; "
                + Words.count(counts.claimed(), "task") + " claimed, " + counts.parked() + " parked, "
                + counts.contended() + " contended, " + counts.expired() + " expired"
                + (counts.failedComparisons() == 0
                        ? ""
                        : ", " + Words.count(counts.failedComparisons(), "comparison") + " failed in Java");
    }
}
