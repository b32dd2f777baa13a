package io.pgmatch.matching;

import io.pgmatch.store.Database;
import io.pgmatch.store.Transaction;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A thread's loop of rounds, in whichever pool the agenda hands it. */
final class Worker implements Runnable {
    /** After this a worker that was kept out of a backlog asks again; meanwhile it works in other pools. */
    private static final long KEPT_OUT_NANOS = Duration.ofMillis(250).toNanos();

    private final Database database;
    private final Round round;
    private final Derivation derivation;
    private final Agenda agenda;
    private final Outage outage;
    private final Counters counters;

    private final ClaimFronts fronts;

    /** Where to claim next, by pool. Written by the worker's thread only. */
    private final Map<String, ClaimMark> marks = new HashMap<>();

    /** When to ask again in backlogs that it was kept out of, by pool. Used by the worker's thread only. */
    private final Map<String, Long> notBefore = new HashMap<>();

    /** How often rounds failed in a row, by pool. Written by the worker's thread only. */
    private final Map<String, Integer> poolFailures = new HashMap<>();

    /** What {@link #abort} cuts. Written by the worker's thread only. */
    private volatile @Nullable Transaction current;

    Worker(Database database, Round round, ClaimFronts fronts, Agenda agenda, Outage outage, Counters counters) {
        this.database = database;
        this.round = round;
        this.fronts = fronts;
        this.derivation = new Derivation(database);
        this.agenda = agenda;
        this.outage = outage;
        this.counters = counters;
    }

    @Override
    public void run() {
        int failures = 0;
        try {
            for (String pool = agenda.next(notBefore); pool != null; pool = agenda.next(notBefore)) {
                try {
                    runRound(pool);
                    failures = 0;
                } catch (RuntimeException e) {
                    if (agenda.isStopped()) {
                        return;
                    }
                    outage.failed(named(pool), e);
                    failures++;
                    if (Outage.is(e)) {
                        agenda.pause(Outage.pauseNanos(failures));
                    } else {
                        agenda.suspend(pool, Outage.pauseNanos(poolFailures.merge(pool, 1, Integer::sum)));
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Cuts the round in hand, which then rolls back. For any thread. */
    void abort() {
        Transaction transaction = current;
        if (transaction != null) {
            transaction.abort();
        }
    }

    private static String named(String pool) {
        return "pool \"" + pool + "\"";
    }

    private void runRound(String pool) {
        ClaimMark mark = marks.computeIfAbsent(pool, name -> new ClaimMark(fronts.of(name)));
        Round.Outcome outcome;
        try (Transaction transaction = database.begin()) {
            current = transaction;
            if (agenda.isStopped()) {
                // Whoever stopped may have looked for a transaction to cut just before this one.
                return;
            }
            outcome = round.run(transaction, pool, mark);
        } catch (RuntimeException e) {
            // What it held is behind the front.
            mark.front().startOver();
            throw e;
        } finally {
            current = null;
        }
        outage.succeeded(named(pool));
        poolFailures.remove(pool);
        counters.count(outcome);
        if (!outcome.outdated().isEmpty()) {
            derivation.derive(pool, outcome.outdated());
            agenda.worked();
        } else if (outcome.claimed() > 0 || outcome.isKeptOut()) {
            agenda.worked();
        } else {
            // What was left to this worker, if the pool was paused, is for whoever comes next.
            mark.front().startOver();
            marks.remove(pool);
            agenda.ranDry(pool);
        }
        if (outcome.isKeptOut()) {
            notBefore.put(pool, System.nanoTime() + KEPT_OUT_NANOS);
        } else {
            notBefore.remove(pool);
        }
    }
}
