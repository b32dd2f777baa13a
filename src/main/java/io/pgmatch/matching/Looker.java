package io.pgmatch.matching;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.pgmatch.store.Database;
import io.pgmatch.store.FindBacklogs;
import io.pgmatch.store.FindWork;
import io.pgmatch.store.FoldTally;
import io.pgmatch.store.RetireExpired;
import io.pgmatch.store.Sleepers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a matcher that looks for work while its workers work: which pools have due tasks,
 * what has expired. One statement a look, however many pools there are.
 */
final class Looker implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger("io.pgmatch.Matcher");

    private static final String LOOKING = "looking for work";
    private static final long BUSY_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long REPORT_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long FOLD_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long RENEW_NANOS = Sleepers.VALID.toNanos() / 2;
    /** Looks that find something due within this of one another are not asked for backlogs. */
    private static final long QUIET_NANOS = Duration.ofSeconds(1).toNanos();

    /** Most pools that a look is asked for backlogs of: of each it may read thousands of tasks. */
    private static final int BACKLOG_POOLS_MAX = 16;

    private static final int EXPIRED_BATCH_MAX = 1_000;

    /** Most batches in a row, so that other work is looked for in between. */
    private static final int EXPIRED_BATCHES_MAX = 10;

    /** Most steps of a change of a rule in a row, for the same reason. */
    private static final int DERIVE_STEPS_MAX = 10;

    /** Most batches in a row: more than as many statements a minute can insert. */
    private static final int FOLD_BATCHES_MAX = 100;

    private static final int FOLD_BATCH_MAX = 10_000;

    /** A task that backed off is due again within this: until then there may be a pair left to make. */
    private static final Duration BACK_OFF_MAX = Duration.ofMillis(1_500);

    private final Database database;
    private final String matcher;
    private final String @Nullable [] pools;
    private final Agenda agenda;
    private final @Nullable ClaimFronts fronts;
    private final Outage outage;
    private final Counters counters;
    private final Listener listener;
    private final Derivation derivation;

    /** For whoever waits until nothing is left to do. */
    private final Object drain = new Object();

    /** How many looks have begun. */
    @GuardedBy("drain")
    private long looks;

    /** The last one that found nothing left to do. */
    @GuardedBy("drain")
    private long idleLook;

    @GuardedBy("drain")
    private boolean ended;

    // From here on written by the looker's thread only.
    /** Up to which id waiting tasks were brought under the new rules of their pools. */
    private final Map<String, Long> derivedTo = new HashMap<>();

    /** When a look last found something due; null if none ever did. */
    private @Nullable Long lastDueNanos;

    private boolean asleep;
    private long asleepSinceNanos;
    private long lastFoldNanos;
    private long lastReportNanos;
    private long lastReportPairs;

    Looker(
            Database database,
            String matcher,
            @Nullable Set<String> pools,
            Agenda agenda,
            @Nullable ClaimFronts fronts,
            Watch watch) {
        this.database = database;
        this.matcher = matcher;
        this.pools = pools == null ? null : pools.toArray(String[]::new);
        this.agenda = agenda;
        this.fronts = fronts;
        this.outage = watch.outage();
        this.counters = watch.counters();
        this.listener = watch.listener();
        this.derivation = new Derivation(database);
    }

    /** What the threads of a matcher share. */
    record Watch(Outage outage, Counters counters, Listener listener) {}

    @Override
    public void run() {
        long now = System.nanoTime();
        IdlePause pause = new IdlePause(now);
        lastFoldNanos = now;
        lastReportNanos = now;
        int failures = 0;
        try {
            for (long work = agenda.workCount(); !agenda.isStopped(); ) {
                try {
                    lookAndWait(pause, work);
                    failures = 0;
                } catch (RuntimeException e) {
                    if (agenda.isStopped()) {
                        return;
                    }
                    outage.failed(LOOKING, e);
                    asleep = false;
                    agenda.pause(Outage.pauseNanos(++failures));
                }
                long present = agenda.workCount();
                if (present != work) {
                    work = present;
                    pause.worked(System.nanoTime());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            report(System.nanoTime(), 0);
            leave();
        }
    }

    private void leave() {
        try {
            wake();
        } catch (RuntimeException e) {
            // The entry ends by itself.
        }
    }

    /** Waits until a look that begins from now on finds no pair left to make, or until the matcher stops. */
    void awaitDrained() throws InterruptedException {
        synchronized (drain) {
            long before = looks;
            while (idleLook <= before && !ended) {
                drain.wait();
            }
        }
    }

    /** Lets go of whoever waits for the drain: the matcher has stopped. */
    void stopped() {
        synchronized (drain) {
            ended = true;
            drain.notifyAll();
        }
    }

    private long beginLook() {
        synchronized (drain) {
            looks++;
            return looks;
        }
    }

    private void foundNothingLeft(long look) {
        synchronized (drain) {
            idleLook = look;
            drain.notifyAll();
        }
    }

    /** Looks once, and waits as long as it then makes sense. */
    private void lookAndWait(IdlePause pause, long workBefore) throws InterruptedException {
        long look = beginLook();
        long start = System.nanoTime();
        String[] busy = agenda.pools();
        FindWork.Work work = FindWork.run(database, pools, busy, pause.workedLately(start));
        outage.succeeded(LOOKING);
        noteBacklogs(work.duePools(), start);
        agenda.add(work.duePools());
        if (work.expired()) {
            retireExpired();
        }
        work.derivingPools().forEach(this::tryToDerive);
        long now = System.nanoTime();
        fold(now);
        report(now, REPORT_NANOS);
        if (!agenda.isEmpty()) {
            agenda.awaitDry(BUSY_PAUSE_NANOS);
            if (agenda.workCount() != workBefore) {
                wake();
                return;
            }
            // What is due is in the hands of other matchers: no reason to look more often.
        }
        Duration nextDueIn = work.nextDueIn();
        boolean atRest = busy.length == 0
                && work.duePools().isEmpty()
                && work.derivingPools().isEmpty();
        if (atRest && (nextDueIn == null || nextDueIn.compareTo(BACK_OFF_MAX) > 0)) {
            foundNothingLeft(look);
        }
        if (atRest && pause.isLong() && fallAsleep(now)) {
            // What was committed before the matcher was seen asleep did not call: look once more.
            return;
        }
        long nanos = pause.next(now, now - start);
        agenda.pause(nextDueIn == null ? nanos : Math.min(nanos, nextDueIn.toNanos()));
    }

    /**
     * Before rounds begin in pools of which nothing was due for a while, asks whether much is: then they need not find out by
     * walking over what those hold who came first. Where tasks come steadily it would only take time; and a pool in which
     * nobody gets on, because others hold it all, is no backlog for longer than is remembered.
     */
    private void noteBacklogs(List<String> duePools, long now) {
        if (duePools.isEmpty()) {
            return;
        }
        boolean isNews = lastDueNanos == null || now - lastDueNanos >= QUIET_NANOS;
        lastDueNanos = now;
        if (fronts != null && isNews) {
            List<String> asked = duePools.subList(0, Math.min(duePools.size(), BACKLOG_POOLS_MAX));
            for (String pool : FindBacklogs.run(database, asked)) {
                fronts.of(pool).noteBacklog(true);
            }
        }
    }

    private void retireExpired() {
        int retired = EXPIRED_BATCH_MAX;
        for (int i = 0; i < EXPIRED_BATCHES_MAX && retired == EXPIRED_BATCH_MAX; i++) {
            retired = RetireExpired.run(database, EXPIRED_BATCH_MAX);
            counters.countExpired(retired);
        }
    }

    /** One pool's trouble is not the others'. */
    private void tryToDerive(String pool) {
        String undertaking = "pool \"" + pool + "\", change of its rule";
        try {
            derive(pool);
            outage.succeeded(undertaking);
        } catch (RuntimeException e) {
            outage.failed(undertaking, e);
        }
    }

    /** Helps to bring waiting tasks under a new rule, lest it stay half done when the command dies. */
    private void derive(String pool) {
        long lastId = derivedTo.getOrDefault(pool, Long.MIN_VALUE);
        for (int i = 0; i < DERIVE_STEPS_MAX; i++) {
            Derivation.Step step = derivation.step(pool, lastId);
            if (step.isLast()) {
                derivedTo.remove(pool);
                return;
            }
            lastId = step.lastId();
            derivedTo.put(pool, lastId);
        }
    }

    private boolean fallAsleep(long now) {
        if (!listener.isListening() || (asleep && now - asleepSinceNanos < RENEW_NANOS)) {
            return false;
        }
        Sleepers.fallAsleep(database, matcher);
        boolean news = !asleep;
        asleep = true;
        asleepSinceNanos = now;
        return news;
    }

    private void wake() {
        if (asleep) {
            asleep = false;
            Sleepers.wake(database, matcher);
        }
    }

    private void fold(long now) {
        if (now - lastFoldNanos >= FOLD_NANOS) {
            lastFoldNanos = now;
            int folded = FOLD_BATCH_MAX;
            for (int i = 0; i < FOLD_BATCHES_MAX && folded == FOLD_BATCH_MAX; i++) {
                folded = FoldTally.run(database, FOLD_BATCH_MAX);
            }
        }
    }

    private void report(long now, long notBeforeNanos) {
        long pairs = counters.read().pairs();
        long elapsed = now - lastReportNanos;
        if (pairs != lastReportPairs && elapsed >= notBeforeNanos && elapsed > 0) {
            long rate = Math.round((pairs - lastReportPairs) * 1e9 / elapsed);
            LOG.info("{} pairs/s, {} in all", rate, pairs);
            lastReportPairs = pairs;
            lastReportNanos = now;
        } else if (pairs == lastReportPairs) {
            lastReportNanos = now;
        }
    }
}
