package io.pgmatch.cli;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.Pgmatch;
import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.embedded.BundledPostgresOptions;
import io.pgmatch.model.CancelAnswer;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.PoolAudit;
import io.pgmatch.model.PoolStatus;
import io.pgmatch.model.Task;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code demo}: the whole thing, on a database of its own. */
@Command(
        name = "demo",
        description = {
            "Pairs 20,000 chess seeks with three matcher processes, before your eyes.",
            "Starts a PostgreSQL of its own in a temporary directory, kills one of the matchers half way, and"
                    + " audits the outcome. Exit 0 only if the audit holds."
        })
final class DemoCommand implements Callable<Integer> {
    private static final String POOL = "chess";
    private static final int SEEKS = 20_000;
    private static final int MATCHERS = 3;

    /** Small rounds, so that there is something to watch: by default it would be over in a blink. */
    private static final int BATCH = 4;

    private static final int VICTIM = 1;
    private static final int GIVING_UP = 50;
    private static final int PAIRS_SHOWN = 10;
    private static final int INSERTING_THREADS = 8;
    private static final Duration LOOK_PAUSE = Duration.ofMillis(100);
    private static final Duration QUIET = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final CommandContext context;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--keep", description = "Leave database and matchers running in the end, and print the URL.")
    private boolean keep;

    DemoCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (context.namesDatabase()) {
            throw new ParameterException(spec.commandLine(), "demo runs on a database of its own and takes no --url");
        }
        StopSignals signals = StopSignals.installPatient();
        tell("starting a PostgreSQL of its own …");
        try (BundledPostgres postgres = BundledPostgres.start(BundledPostgresOptions.temporary());
                HikariDataSource connections =
                        ConnectionSettings.resolve(postgres.url(), Map.of()).open(INSERTING_THREADS)) {
            Pgmatch pgmatch = Pgmatch.on(connections);
            tell("it listens at " + postgres.url());
            pgmatch.migrate();
            tell("schema pgmatch created, version " + pgmatch.schemaVersion());
            pgmatch.createPool(POOL, ChessSeeks.RULE);
            tell("pool \"chess\" created: same clock, both rated or not, ratings at most 100 apart, nearest first");
            insert(pgmatch);
            boolean holds = match(pgmatch, postgres, signals);
            return holds ? 0 : Failures.FAILED;
        }
    }

    private void insert(Pgmatch pgmatch) throws InterruptedException {
        ChessSeeks seeks = new ChessSeeks();
        long start = System.nanoTime();
        ExecutorService threads = Executors.newFixedThreadPool(INSERTING_THREADS);
        try (ProgressBar bar = ProgressBars.of("inserting seeks", SEEKS)) {
            List<Future<Long>> inserts = new ArrayList<>();
            for (int i = 0; i < SEEKS; i++) {
                NewTask seek = new NewTask(POOL, null, seeks.next(), null);
                inserts.add(threads.submit(() -> pgmatch.add(seek)));
            }
            for (Future<Long> insert : inserts) {
                insert.get();
                bar.step();
            }
        } catch (ExecutionException e) {
            throw new PgmatchException("a seek cannot be inserted: " + e.getMessage(), e);
        } finally {
            threads.shutdownNow();
        }
        tell(SEEKS + " seeks inserted in " + Durations.shown(Duration.ofNanos(System.nanoTime() - start)));
    }

    private boolean match(Pgmatch pgmatch, BundledPostgres postgres, StopSignals signals) throws InterruptedException {
        Path logs = postgres.dataDirectory();
        try (DemoMatchers matchers = new DemoMatchers(postgres.url(), POOL, MATCHERS, BATCH, logs)) {
            tell(MATCHERS + " matchers are starting, each a process of its own; in rounds of " + BATCH
                    + " tasks at most, instead of thousands, lest it be over at once");
            DemoDisplay display = new DemoDisplay(context.console(), Terminal.isStandardOutput());
            watch(pgmatch, matchers, display, signals);
            if (signals.isStopped()) {
                tell("stopped");
                return false;
            }
            if (!keep) {
                matchers.stop();
                tell("the matchers that were left ended on SIGTERM, exit code 0");
            }
            boolean holds = report(pgmatch);
            if (keep) {
                matchers.leave();
                postgres.leaveRunning();
                tellHowToGoOn(postgres, matchers);
            }
            return holds;
        }
    }

    /** Until no pair is left to make; kills a matcher on the way. */
    private void watch(Pgmatch pgmatch, DemoMatchers matchers, DemoDisplay display, StopSignals signals)
            throws InterruptedException {
        Pgmatch.PairFollower follower = pgmatch.followPairs(POOL);
        long start = System.nanoTime();
        long lastPair = start;
        boolean killed = false;
        while (!signals.await(LOOK_PAUSE)) {
            if (follower.poll(display::count) > 0) {
                lastPair = System.nanoTime();
            }
            PoolStatus status = pgmatch.status(POOL).get(0);
            display.draw(status.waiting(), matchers);
            requireAlive(matchers, killed);
            if (!killed && 4 * display.pairs() >= SEEKS) {
                killed = true;
                matchers.kill(VICTIM);
                display.tell("half way: matcher " + (VICTIM + 1) + ", process " + matchers.processId(VICTIM)
                        + ", killed with SIGKILL; what it held is free for the others");
                display.tell(giveUp(pgmatch));
            }
            long now = System.nanoTime();
            if (now - lastPair > QUIET.toNanos() && killed && isAtRest(pgmatch)) {
                return;
            }
            if (now - start > PATIENCE.toNanos()) {
                throw new PgmatchException(
                        "demo: wanted all pairs within " + Durations.shown(PATIENCE) + ", got " + display.pairs());
            }
        }
    }

    private static boolean isAtRest(Pgmatch pgmatch) {
        return pgmatch.audit(POOL).get(0).isAtRest();
    }

    private static void requireAlive(DemoMatchers matchers, boolean killed) {
        for (int i = 0; i < matchers.count(); i++) {
            if (!matchers.isAlive(i) && !(killed && i == VICTIM)) {
                throw new PgmatchException(
                        "matcher " + (i + 1) + " ended by itself; its last words: " + matchers.lastWords(i));
            }
        }
    }

    /** Some players lose patience while the matchers work: each gets a definite answer. */
    private static String giveUp(Pgmatch pgmatch) {
        List<Task> waiting = pgmatch.tasks(POOL, 2 * GIVING_UP);
        int cancelled = 0;
        List<Task> impatient = waiting.subList(0, Math.min(GIVING_UP, waiting.size()));
        for (Task task : impatient) {
            if (pgmatch.cancel(POOL, task.id()) instanceof CancelAnswer.Cancelled) {
                cancelled++;
            }
        }
        return impatient.size() + " players give up: " + cancelled + " cancelled, " + (impatient.size() - cancelled)
                + " were just matched";
    }

    private boolean report(Pgmatch pgmatch) {
        PoolAudit audit = pgmatch.audit(POOL).get(0);
        tell("");
        tell("the audit:");
        tell("  inserted %d = waiting %d + 2 x %d pairs + retired %d"
                .formatted(audit.inserted(), audit.waiting(), audit.pairs(), audit.retired()));
        long twice = audit.breaches().stream()
                .filter(breach -> breach.startsWith("S1"))
                .count();
        tell("  %d tasks in two pairs".formatted(twice));
        tell("  %d legal pairs left: whoever still waits fits nobody".formatted(audit.legalPairsLeft()));
        audit.breaches().forEach(breach -> tell("  BREACH " + breach));
        tell("");
        tell("the last " + PAIRS_SHOWN + " pairs:");
        ChessSeeks.PAIRS.print(context.console(), Format.TABLE, pgmatch.pairs(POOL, PAIRS_SHOWN), "none");
        boolean holds = audit.isSafe() && audit.isAtRest() && audit.inserted() == SEEKS;
        tell("");
        tell(holds ? "the audit holds" : "THE AUDIT DOES NOT HOLD");
        return holds;
    }

    private void tellHowToGoOn(BundledPostgres postgres, DemoMatchers matchers) {
        StringBuilder processes = new StringBuilder();
        for (int i = 0; i < matchers.count(); i++) {
            if (matchers.isAlive(i)) {
                processes.append(' ').append(matchers.processId(i));
            }
        }
        postgres.processId().ifPresent(id -> processes.append(' ').append(id));
        tell("");
        tell("everything goes on running; look at it with");
        tell("  psql " + postgres.url());
        tell("  pgmatch status --url " + postgres.url());
        tell("end it with");
        tell("  kill" + processes + " && rm -r " + postgres.dataDirectory());
    }

    private void tell(String text) {
        context.console().line(text);
        context.console().flush();
    }
}
