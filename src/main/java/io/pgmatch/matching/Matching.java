package io.pgmatch.matching;

import io.pgmatch.model.MatcherCounts;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.store.Database;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Wakeups;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of a matcher: its workers, the looker that finds work for them, and where calls can be
 * heard the listener. Started once and stopped once; {@link #counts} and {@link #awaitDrained} are for
 * any thread.
 */
public final class Matching {
    private static final Logger LOG = LoggerFactory.getLogger("io.pgmatch.Matcher");
    private static final Duration ABORT_PATIENCE = Duration.ofSeconds(2);

    private final Agenda agenda = new Agenda();
    private final Counters counters = new Counters();
    private final Looker looker;
    private final Listener listener;
    private final List<Worker> workers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    /** Has a thread for each worker, once it is needed: what a statement runs in while its worker judges. */
    private final ExecutorService statements;

    /** What a thread died of. Written by that thread. */
    private volatile @Nullable Throwable death;

    /**
     * What a matcher is to do.
     *
     * @param name of the matcher, recorded with each pair
     * @param pools the pools to work in, or null for all
     * @param workerCount threads, with a connection each
     * @param claimBatchMax most tasks that a round claims
     * @param backlogRoundsMax most rounds at once, of all matchers, that drain the backlog of a pool
     * @param listen whether to listen for calls
     */
    public record Plan(
            String name,
            @Nullable Set<String> pools,
            int workerCount,
            int claimBatchMax,
            int backlogRoundsMax,
            boolean listen) {}

    /**
     * Matching that is not started yet.
     *
     * @param classLoader finds conditions written in Java; null if rules may name none
     */
    public Matching(Database database, Plan plan, @Nullable ClassLoader classLoader) {
        Outage outage = new Outage();
        Set<String> pools = plan.pools();
        Rules rules = new Rules(JavaFailures.language(classLoader, counters::countFailedComparison));
        this.statements = Executors.newFixedThreadPool(plan.workerCount(), Matching::statementThread);
        Round round = new Round(
                plan.name(),
                new Round.Bounds(
                        plan.claimBatchMax(),
                        Round.STEP_MAX,
                        Round.CLAIMING_TIME,
                        plan.backlogRoundsMax(),
                        Round.BRIEF_MAX),
                RoundSettings.defaults(),
                rules,
                statements);
        ClaimFronts fronts = new ClaimFronts();
        boolean blocks = Claims.mayClaimInBlocks(plan.claimBatchMax());
        this.listener = new Listener(new Wakeups(database), pools, agenda, outage);
        this.looker = new Looker(
                database,
                plan.name(),
                pools,
                agenda,
                blocks ? fronts : null,
                new Looker.Watch(outage, counters, listener));
        threads.add(new Thread(looker, "pgmatch-looker"));
        if (plan.listen()) {
            threads.add(new Thread(listener, "pgmatch-listener"));
        }
        for (int i = 1; i <= plan.workerCount(); i++) {
            Worker worker = new Worker(database, round, fronts, agenda, outage, counters);
            workers.add(worker);
            threads.add(new Thread(worker, "pgmatch-worker-" + i));
        }
    }

    /** Starts the threads. */
    public void start() {
        for (Thread thread : threads) {
            // What is left to catch is no exception but an error, such as memory that ran out.
            thread.setUncaughtExceptionHandler((dead, error) -> {
                LOG.error("thread {} has died, and the matcher stops with it", dead.getName(), error);
                death = error;
                agenda.stop();
                looker.stopped();
            });
            thread.setDaemon(true);
            thread.start();
        }
    }

    /**
     * Stops: claims nothing more, lets the rounds in hand finish for at most {@code grace}, then cuts
     * them, so that they roll back. Returns when all threads have ended, or two seconds after that.
     */
    public void stop(Duration grace) {
        agenda.stop();
        looker.stopped();
        listener.stop();
        try {
            if (!join(grace)) {
                workers.forEach(Worker::abort);
                threads.forEach(Thread::interrupt);
                join(ABORT_PATIENCE);
            }
        } finally {
            statements.shutdown();
        }
    }

    private static Thread statementThread(Runnable work) {
        Thread thread = new Thread(work, "pgmatch-statement");
        thread.setDaemon(true);
        return thread;
    }

    /** Waits until no pair is left to make in the pools, or until the matching stops. */
    public void awaitDrained() throws InterruptedException {
        looker.awaitDrained();
        requireAlive();
    }

    /** Throws if a thread has died of an error, so that the matching has stopped by itself. */
    public void requireAlive() {
        Throwable error = death;
        if (error != null) {
            throw new PgmatchException("a thread of the matcher has died: " + error, error);
        }
    }

    /** What was done so far. */
    public MatcherCounts counts() {
        return counters.read();
    }

    private boolean join(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        boolean ended = true;
        for (Thread thread : threads) {
            try {
                long left = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
                thread.join(left);
                ended &= !thread.isAlive();
            } catch (InterruptedException e) {
                interrupted = true;
                ended = false;
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return ended;
    }
}
