package io.pgmatch.matching;

import io.pgmatch.matching.Member.Standing;
import io.pgmatch.model.ClaimMark;
import io.pgmatch.model.PairOfIds;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.model.Window;
import io.pgmatch.rule.Rule;
import io.pgmatch.store.BeginRound;
import io.pgmatch.store.ClaimTasks;
import io.pgmatch.store.ParkTasks;
import io.pgmatch.store.ParkTasks.Rest;
import io.pgmatch.store.RecordPairs;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.SearchPartners;
import io.pgmatch.store.TakePartners;
import io.pgmatch.store.Transaction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A round: one transaction in one pool that claims due tasks, searches, takes, pairs and parks.
 * Stateless apart from the cache of rules; safe for use by several threads.
 *
 * <p>Implementation notes. That no pair is missed rests on {@link #lastLook} alone: a task is parked
 * only if a read that started after its claim, and that saw every row of the pool whatever its state
 * and whoever held it, found no legal partner. Everything before it may miss a partner without harm:
 * the task then backs off and is claimed again. docs/architecture.md has the argument in full.
 */
final class Round {
    /** Rows read from a window at first: the lowest older task that waits, and one beyond the round. */
    private static final int PAGE_MIN = 2;

    private static final int PAGE_MAX = 1024;
    private static final int PAGE_GROWTH = 8;

    /** Most times a round reads on because what it found was held by others. */
    private static final int ATTEMPTS_MAX = 8;

    private static final double SPREAD_MIN = 0.5;
    private static final double SPREAD_MAX = 1.5;

    private final String matcher;
    private final int claimBatchMax;
    private final RoundSettings settings;
    private final Rules rules;

    Round(String matcher, int claimBatchMax, RoundSettings settings, Rules rules) {
        this.matcher = matcher;
        this.claimBatchMax = claimBatchMax;
        this.settings = settings;
        this.rules = rules;
    }

    /**
     * What a round did.
     *
     * @param claimed tasks claimed
     * @param pairs pairs made
     * @param parked tasks parked for good
     * @param contended partners that could not be taken because others held them
     * @param next where the next claim in this pool may start
     */
    record Outcome(int claimed, int pairs, int parked, int contended, ClaimMark next) {
        static final Outcome NOTHING = new Outcome(0, 0, 0, 0, ClaimMark.START);
    }

    /** Runs a round and commits it. On any error the transaction is the caller's to roll back. */
    Outcome run(Transaction transaction, String pool, ClaimMark from) {
        Optional<BeginRound.Start> start = BeginRound.run(transaction, pool, settings);
        if (start.isEmpty() || start.get().paused()) {
            return Outcome.NOTHING;
        }
        Rule rule = rules.get(transaction, pool, start.get().ruleVersion());
        List<WaitingTask> claimed = ClaimTasks.run(transaction, pool, from, claimBatchMax, rule.readsAttributes());
        if (claimed.isEmpty()) {
            return Outcome.NOTHING;
        }
        Assembly assembly = new Assembly(rule, start.get().now());
        claimed.forEach(task -> assembly.add(task, Standing.CLAIMED));
        Search search = new Search(transaction, pool, rule, claimed);

        int contended = assemble(transaction, pool, assembly, search);
        List<PairOfIds> pairs = assembly.pairs();
        pair(transaction, pool, pairs, start.get().ruleVersion());
        int parked = park(transaction, pool, assembly, search);
        transaction.commit();
        return new Outcome(claimed.size(), pairs.size(), parked, contended, mark(claimed));
    }

    /** Searches and takes until every claimed task has a partner that is held, or none can be had. */
    private static int assemble(Transaction transaction, String pool, Assembly assembly, Search search) {
        int contended = 0;
        search.read(search.openWindows(), PAGE_MIN).forEach(task -> assembly.add(task, Standing.SEEN));
        assembly.pairUp();
        int page = PAGE_MIN;
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            int lost = take(transaction, pool, assembly);
            if (lost > 0) {
                contended += lost;
                assembly.pairUp();
            }
            Set<Long> hungry = search.openWindows();
            hungry.retainAll(bucketsSought(assembly.unpaired()));
            if (hungry.isEmpty() && assembly.toTake().isEmpty()) {
                break;
            }
            if (!hungry.isEmpty()) {
                page = Math.min(page * PAGE_GROWTH, PAGE_MAX);
                search.read(hungry, page).forEach(task -> assembly.add(task, Standing.SEEN));
                assembly.pairUp();
            }
        }
        assembly.settle();
        return contended;
    }

    /** Locks the partners that lie outside the round; returns how many could not be had. */
    private static int take(Transaction transaction, String pool, Assembly assembly) {
        List<Member> wanted = assembly.toTake();
        if (wanted.isEmpty()) {
            return 0;
        }
        Set<Long> taken = TakePartners.run(
                transaction, pool, wanted.stream().map(Member::id).toArray(Long[]::new));
        for (Member member : wanted) {
            member.standing = taken.contains(member.id()) ? Standing.TAKEN : Standing.CONTENDED;
        }
        return wanted.size() - taken.size();
    }

    private void pair(Transaction transaction, String pool, List<PairOfIds> pairs, int ruleVersion) {
        if (pairs.isEmpty()) {
            return;
        }
        int recorded = RecordPairs.run(transaction, pool, pairs, matcher, ruleVersion);
        if (recorded != pairs.size()) {
            throw new PgmatchException("pool \"" + pool + "\": wanted to record " + pairs.size()
                    + " pairs of tasks that the round holds, recorded " + recorded + "; rolled back");
        }
    }

    private static int park(Transaction transaction, String pool, Assembly assembly, Search search) {
        List<Member> unpaired = assembly.unpaired();
        if (unpaired.isEmpty()) {
            return 0;
        }
        Set<Member> contended = lastLook(assembly, search, unpaired);
        List<Rest> rests = new ArrayList<>(unpaired.size());
        for (Member member : unpaired) {
            rests.add(new Rest(member.id(), contended.contains(member) ? spread() : null));
        }
        ParkTasks.run(transaction, pool, rests);
        return unpaired.size() - contended.size();
    }

    /** The members that have a legal partner after all, or of which it cannot be said in bounded time. */
    private static Set<Member> lastLook(Assembly assembly, Search search, List<Member> unpaired) {
        Set<Member> contended = new HashSet<>();
        List<Member> doubtful = new ArrayList<>();
        for (Member member : unpaired) {
            (assembly.hasPartnerLeft(member) ? contended : doubtful).add(member);
        }
        search.restart();
        int page = PAGE_MIN;
        for (int attempt = 0; attempt < ATTEMPTS_MAX && !doubtful.isEmpty(); attempt++) {
            Set<Long> open = search.openWindows();
            open.retainAll(bucketsSought(doubtful));
            if (open.isEmpty()) {
                return contended;
            }
            search.read(open, page).forEach(task -> assembly.add(task, Standing.CONTENDED));
            doubtful.removeIf(member -> assembly.hasPartnerLeft(member) && contended.add(member));
            page = Math.min(page * PAGE_GROWTH, PAGE_MAX);
        }
        Set<Long> open = search.openWindows();
        for (Member member : doubtful) {
            if (bucketsSought(List.of(member)).stream().anyMatch(open::contains)) {
                contended.add(member);
            }
        }
        return contended;
    }

    private static Set<Long> bucketsSought(List<Member> members) {
        Set<Long> buckets = new HashSet<>();
        for (Member member : members) {
            for (long bucket : member.task.seeks()) {
                buckets.add(bucket);
            }
        }
        return buckets;
    }

    private static double spread() {
        return ThreadLocalRandom.current().nextDouble(SPREAD_MIN, SPREAD_MAX);
    }

    /** A short claim saw all that was due, so the next one looks at everything again. */
    private ClaimMark mark(List<WaitingTask> claimed) {
        if (claimed.size() < claimBatchMax) {
            return ClaimMark.START;
        }
        return claimed.stream().filter(WaitingTask::fresh).mapToLong(WaitingTask::id).max().stream()
                .mapToObj(id -> new ClaimMark(id + 1))
                .findFirst()
                .orElse(ClaimMark.START);
    }

    /** Reads the windows of the claimed tasks, page by page. */
    private static final class Search {
        private final Transaction transaction;
        private final String pool;
        private final boolean withAttributes;
        private final Long[] claimedIds;
        private final Set<Long> buckets = new HashSet<>();

        /** What of each window has not been read yet; a window that has been read whole is not in it. */
        private final Map<Long, Window> open = new LinkedHashMap<>();

        /**
         * Fresh tasks below this were there to be claimed and were not: others hold them, or they were
         * committed since. Their turn comes; looking at them here would find them contended.
         */
        private long freshFrom;

        Search(Transaction transaction, String pool, Rule rule, List<WaitingTask> claimed) {
            this.transaction = transaction;
            this.pool = pool;
            this.withAttributes = rule.readsAttributes();
            this.claimedIds = claimed.stream().map(WaitingTask::id).toArray(Long[]::new);
            this.freshFrom = claimed.stream()
                    .filter(WaitingTask::fresh)
                    .mapToLong(WaitingTask::id)
                    .max()
                    .orElse(Long.MIN_VALUE);
            for (WaitingTask task : claimed) {
                for (long bucket : task.seeks()) {
                    buckets.add(bucket);
                }
            }
            openAll();
        }

        /** Starts again from the beginning, and from now on sees every task, whatever its state. */
        void restart() {
            freshFrom = Long.MIN_VALUE;
            openAll();
        }

        Set<Long> openWindows() {
            return new HashSet<>(open.keySet());
        }

        /** Reads the next {@code page} tasks of each window. */
        List<WaitingTask> read(Set<Long> wanted, int page) {
            List<Window> windows = wanted.stream().map(open::get).toList();
            if (windows.isEmpty()) {
                return List.of();
            }
            List<WaitingTask> tasks = new ArrayList<>();
            int[] counts = new int[windows.size()];
            for (SearchPartners.Found found :
                    SearchPartners.run(transaction, pool, windows, claimedIds, freshFrom, page, withAttributes)) {
                Window window = windows.get(found.window());
                open.put(window.bucket(), window.after(found.task()));
                counts[found.window()]++;
                tasks.add(found.task());
            }
            for (int i = 0; i < counts.length; i++) {
                if (counts[i] < page) {
                    open.remove(windows.get(i).bucket());
                }
            }
            return tasks;
        }

        private void openAll() {
            open.clear();
            buckets.forEach(bucket -> open.put(bucket, Window.all(bucket)));
        }
    }
}
