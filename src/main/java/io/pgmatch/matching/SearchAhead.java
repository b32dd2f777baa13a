package io.pgmatch.matching;

import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.Rule;
import io.pgmatch.store.SearchPartners.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongUnaryOperator;

/**
 * Searches among the fresh tasks beyond a round on behalf of members before whom nobody waits in their own bucket, where
 * every two tasks of fitting buckets may be paired, and nobody of another bucket may be paired with whom it finds: nobody
 * else is to be asked then who wants them. Used by the round's thread only.
 *
 * <p>In an optimistic round whom it finds is not locked, unless somebody has touched it before, or others were at work
 * here lately: these search ahead from the same place.
 */
final class SearchAhead {
    private final Terms terms;
    private final ClaimFront front;
    private final int partMin;
    private final Assembly assembly;
    private final Taking taking;

    /**
     * Searches ahead of one round.
     *
     * @param partMin it goes on behalf of at least so many at a time
     */
    SearchAhead(Terms terms, ClaimFront front, int partMin, Assembly assembly, Taking taking) {
        this.terms = terms;
        this.front = front;
        this.partMin = partMin;
        this.assembly = assembly;
        this.taking = taking;
    }

    /** Whether the rule lets a round search ahead at all. */
    static boolean isPossible(Rule rule) {
        return rule.isNarrowedExactly() && rule.isOneToOne();
    }

    /**
     * Searches, and pairs what is found.
     *
     * @param place where the claim started that was taken up last
     * @param lastFreshId the last fresh task that the round has claimed: what lies beyond it is ahead
     * @param executor reads
     * @param meanwhile called as soon as all that is to be read was started
     * @param record called whenever pairs were chosen
     */
    void run(
            List<Member> seekers,
            ClaimFront.Place place,
            long lastFreshId,
            Executor executor,
            Runnable meanwhile,
            Runnable record) {
        boolean locking = !terms.isOptimistic() || !front.isAlone();
        List<List<Member>> parts = partsApart(seekers);
        List<Search> searches = new ArrayList<>(parts.size());
        for (List<Member> part : parts) {
            boolean isLast = searches.size() == parts.size() - 1;
            searches.add(start(part, locking, beyond(lastFreshId, front::aheadId), isLast, executor));
        }
        meanwhile.run();
        for (int i = 0; i < searches.size(); i++) {
            int contendedBefore = taking.contended();
            List<WaitingTask> found = receive(searches.get(i));
            if (taking.contended() > contendedBefore && !locking) {
                // In their places others are wanted, beyond those that were found.
                List<Member> bereft = parts.get(i).stream()
                        .filter(member -> member.partner == null)
                        .toList();
                Map<Long, Long> foundUpTo = new HashMap<>();
                found.forEach(task -> foundUpTo.merge(task.bucket(), task.id(), Math::max));
                LongUnaryOperator upTo = bucket -> foundUpTo.getOrDefault(bucket, front.aheadId(bucket));
                found.addAll(receive(start(bereft, true, beyond(lastFreshId, upTo), true, executor)));
            }
            noteHowFarAllArePaired(place, found);
            record.run();
        }
    }

    /**
     * Members, each of which seeks one bucket at most, in parts, of which none seeks where another does: what is found on
     * behalf of one can be paired and recorded while it is searched on behalf of the next.
     */
    private List<List<Member>> partsApart(List<Member> members) {
        Map<Long, List<Member>> byBucket = new LinkedHashMap<>();
        for (Member member : members) {
            if (member.soughtCount() == 0) {
                continue;
            }
            byBucket.computeIfAbsent(member.sought(0), bucket -> new ArrayList<>())
                    .add(member);
        }
        List<List<Member>> parts = new ArrayList<>();
        List<Member> part = new ArrayList<>();
        for (List<Member> some : byBucket.values()) {
            part.addAll(some);
            if (part.size() >= partMin) {
                parts.add(part);
                part = new ArrayList<>();
            }
        }
        if (!part.isEmpty()) {
            parts.add(part);
        }
        return parts;
    }

    private static LongUnaryOperator beyond(long lastFreshId, LongUnaryOperator upTo) {
        return bucket -> Math.max(lastFreshId, upTo.applyAsLong(bucket));
    }

    private Search start(
            List<Member> seekers, boolean locking, LongUnaryOperator afterIds, boolean isLast, Executor executor) {
        Scope scope = locking ? Scope.AHEAD : Scope.AHEAD_UNLOCKED;
        Search search = new Search(terms, terms.rule().needs(), scope, afterIds);
        seekers.forEach(search::openFor);
        search.startWindows(isLast, executor);
        return search;
    }

    private List<WaitingTask> receive(Search search) {
        List<WaitingTask> tasks = new ArrayList<>();
        search.receiveFirst((found, seekers) -> {
            if (found.isToLock()) {
                assembly.addSeen(found.task());
            } else {
                assembly.addTaken(found.task());
            }
            tasks.add(found.task());
        });
        do {
            assembly.pairUp();
        } while (taking.take());
        return tasks;
    }

    private void noteHowFarAllArePaired(ClaimFront.Place place, List<WaitingTask> found) {
        Set<Long> bucketsWithUnpaired = new HashSet<>();
        for (WaitingTask task : found) {
            if (!assembly.isPaired(task.id())) {
                bucketsWithUnpaired.add(task.bucket());
            } else if (!bucketsWithUnpaired.contains(task.bucket())) {
                front.reachAhead(place, task.bucket(), task.id());
            }
        }
    }
}
