package io.pgmatch.matching;

import io.pgmatch.model.PairOfIds;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.store.ConcludeRound;
import io.pgmatch.store.ParkTasks;
import io.pgmatch.store.ParkTasks.Rest;
import io.pgmatch.store.ReadClock;
import io.pgmatch.store.RecordPairs;
import io.pgmatch.store.SearchPartners.Found;
import io.pgmatch.store.SearchPartners.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The course of one round, between claim and commit. Used by the round's thread only.
 *
 * <p>Implementation notes. That no pair is missed rests on the look after which a task is put to rest: one that started
 * after its claim, that saw every row of the pool whatever its state and whoever held it, and found no legal partner. That
 * is {@link #lastLook}; in a brief round it may be the first look, see {@link #restsAtFirstLook}, which leaves out what the
 * round itself has claimed. Where the rule changes with time that look goes by an instant between the claim and its start.
 * Everything else may miss a partner without harm: the task then backs off and is claimed again. docs/architecture.md has the
 * argument in full.
 *
 * <p>The search looks among the tasks that have been searched for before: those are the ones that wait.
 * Fresh ones have their turn yet to come, and will look at the claimed ones then; where every two tasks
 * of fitting buckets may be paired, the lowest of them is taken at once, which saves parking the
 * claimed one only to find it again.
 */
final class Course {
    /** Most times that are read on for what was taken up, and in the last look: with pages of a thousand, ten million rows. */
    private static final int READS_MAX = 10_000;

    private static final double SPREAD_MIN = 0.5;
    private static final double SPREAD_MAX = 1.5;

    private final Terms terms;
    private final String matcher;
    private final ClaimFront front;
    private final Assembly assembly;
    private final Taking taking;
    private final SearchAhead searchAhead;
    private final @Nullable Instant virtualNow;

    /** Where the claim started that was taken up last. */
    private ClaimFront.Place place;

    /** Those that were taken up last, and the search on their behalf. */
    private List<Member> arrivals = List.of();

    private Search searchForArrivals;

    /** Who was locked as a partner for what is taken up first; null if nobody was, or it was taken up. */
    private @Nullable WaitingTask partner;

    /** Whether there may be tasks that have been searched for before. */
    private boolean anybodyWaiting = true;

    /**
     * Who was paired since then. The claim that is under way by then may bring them once more: it does not
     * skip what the round itself has locked, and runs before they are deleted.
     */
    private final Set<Long> pairedSince = new HashSet<>();

    /**
     * Where the first look may be the last: those who saw somebody for them who waits. What the round has claimed itself
     * does not count, here and below: nobody puts it to rest meanwhile.
     */
    private final Set<Member> courted = new HashSet<>();

    /** And those who saw a fresh task for them, whose turn will come. */
    private final Set<Member> promised = new HashSet<>();

    private boolean firstLookMayBeLast;
    private boolean searchedAhead;
    private long lastFreshId = Long.MIN_VALUE;
    private int reads;
    private int pairs;

    /** Pairs that were chosen and not recorded, because one member could not be had. */
    private int lost;

    /**
     * The course of a round.
     *
     * @param stepMax on behalf of at least so many it searches ahead at a time
     * @param virtualNow what the clock says; null, outside tests and simulations, to read it
     */
    Course(Terms terms, String matcher, ClaimFront front, int stepMax, @Nullable Instant virtualNow) {
        this.terms = terms;
        this.matcher = matcher;
        this.front = front;
        this.assembly = new Assembly(terms.rule(), terms.now());
        this.taking = new Taking(terms, assembly);
        this.searchAhead = new SearchAhead(terms, front, stepMax, assembly, taking);
        this.virtualNow = virtualNow;
        this.place = front.place();
        this.searchForArrivals = searchIn(Scope.WAITING);
    }

    /** Pairs that were recorded. */
    int pairs() {
        return pairs;
    }

    /** Partners that could not be taken because others held them. */
    int contended() {
        return taking.contended() + lost;
    }

    /** Names a task that was locked as a partner for the one that is taken up first. */
    void bring(WaitingTask partnerOfFirst) {
        partner = partnerOfFirst;
    }

    /**
     * Takes up tasks that were claimed, and starts to read what comes first of those that wait for them.
     *
     * @param executor reads it
     */
    void takeUp(Claims.Batch claimed, Executor executor) {
        takeUp(claimed);
        anybodyWaiting = claimed.isAnybodyWaiting();
        if (!pairWithPartner() && anybodyWaiting) {
            arrivals.forEach(searchForArrivals::openFor);
            searchForArrivals.startFirst(front.isCrowded(), executor);
        }
    }

    /** Takes up the only tasks that the round claims, so that the first look may be the last one, too. */
    void takeUpAll(Claims.Batch claimed) {
        takeUp(claimed);
        firstLookMayBeLast = true;
        if (!pairWithPartner()) {
            arrivals.forEach(searchForArrivals::openFor);
            searchForArrivals.startFirstWithFresh(front.isCrowded(), Runnable::run);
        }
    }

    /** Whether a partner came, and the rule accepts it: then nobody is to be searched for. */
    private boolean pairWithPartner() {
        if (partner == null) {
            return false;
        }
        assembly.addTaken(partner);
        partner = null;
        assembly.pairUp();
        return assembly.unpaired().isEmpty();
    }

    private void takeUp(Claims.Batch claimed) {
        place = claimed.place();
        arrivals = new ArrayList<>(claimed.tasks().size());
        for (WaitingTask task : claimed.tasks()) {
            if (pairedSince.contains(task.id())) {
                continue;
            }
            arrivals.add(assembly.claim(task));
        }
        lastFreshId = Math.max(lastFreshId, claimed.lastFreshId());
        pairedSince.clear();
        reads = 0;
        searchedAhead = false;
        searchForArrivals = searchIn(Scope.WAITING);
    }

    /**
     * Chooses partners for those that were taken up, among themselves, those that earlier steps left and those that wait;
     * whom it chooses outside the round is not taken yet.
     */
    void choose() {
        if (searchForArrivals.receiveFirst(this::see)) {
            front.noteCrowded(searchForArrivals.isCrowded());
        }
        do {
            assembly.pairUp();
        } while (readOn());
    }

    /** Reads on if somebody may be there who would be preferred to those that were chosen; whether anything was read. */
    private boolean readOn() {
        Set<Reading> unread = reads < READS_MAX ? searchForArrivals.unread(arrivals) : Set.of();
        if (unread.isEmpty()) {
            return false;
        }
        reads++;
        searchForArrivals.read(unread, this::see);
        return true;
    }

    /**
     * Chooses partners, takes them, and starts to record the pairs.
     *
     * @param executor records them
     */
    void pairUp(Executor executor) {
        choose();
        for (int takes = 0; takes < READS_MAX && taking.take(); takes++) {
            choose();
        }
        record(executor);
    }

    /**
     * How those without a partner would rest if the round ended here; empty if one of them has to look once more before: it
     * saw one who waits and did not get it, or may not have seen everybody. Who saw a fresh one backs off.
     */
    Optional<List<Rest>> restsAtFirstLook() {
        List<Rest> rests = new ArrayList<>();
        for (Member member : assembly.unpaired()) {
            boolean isHopeful = promised.contains(member);
            if (!isHopeful && (courted.contains(member) || !searchForArrivals.hasSeenEverybody(member))) {
                return Optional.empty();
            }
            rests.add(rest(assembly, member, isHopeful));
        }
        return Optional.of(rests);
    }

    /**
     * Takes the partners that were chosen, records the pairs, puts the others to rest and commits, in one trip.
     *
     * @return the claimed tasks whose partner could not be had: they stay as they are
     */
    List<Long> conclude(List<Rest> rests) {
        List<PairOfIds> chosen = assembly.pairs();
        // By a rule that changes with time one that was claimed may have expired by the time that the round goes by.
        boolean allHeld = assembly.toTake().isEmpty() && !terms.rule().changes();
        Set<Long> recorded = ConcludeRound.run(
                terms.transaction(), terms.pool(), chosen, allHeld, rests, terms.now(), matcher, terms.version());
        pairs = recorded.size();
        lost = chosen.size() - recorded.size();
        return chosen.stream()
                .filter(pair -> !recorded.contains(pair.firstId()))
                .flatMap(pair -> Stream.of(pair.firstId(), pair.secondId()))
                .filter(assembly::isClaimed)
                .toList();
    }

    /** Claimed tasks that have no partner yet. */
    List<Member> unpaired() {
        return assembly.unpaired();
    }

    private void record(Executor executor) {
        assembly.settle();
        List<PairOfIds> chosen = assembly.pairs();
        if (!chosen.isEmpty()) {
            pairs += chosen.size();
            for (PairOfIds pair : chosen) {
                pairedSince.add(pair.firstId());
                pairedSince.add(pair.secondId());
            }
            terms.transaction().start(executor, () -> {
                int recorded = RecordPairs.run(
                        terms.transaction(), terms.pool(), chosen, terms.now(), matcher, terms.version());
                if (recorded != chosen.size()) {
                    throw new LostTasksException("pool \"" + terms.pool() + "\": wanted to record " + chosen.size()
                            + " pairs of tasks that the round claimed or found, recorded " + recorded
                            + "; rolled back");
                }
                return recorded;
            });
        }
        assembly.keepUnpaired();
    }

    /**
     * Puts to rest the claimed tasks that nobody may be paired with now; has the others back off.
     *
     * @return how many were put to rest
     */
    int park() {
        if (assembly.unpaired().isEmpty()) {
            return 0;
        }
        Assembly present =
                terms.rule().changes() ? assembly.unpairedAt(ReadClock.run(terms.transaction(), virtualNow)) : assembly;
        List<Member> unpaired = present.unpaired();
        Set<Member> hopeful = lastLook(present, unpaired);
        rest(present, unpaired, hopeful);
        return unpaired.size() - hopeful.size();
    }

    /**
     * Has the claimed tasks without a partner back off, without a look at who may be there for them: whoever comes
     * next will find them, and if nobody does they are claimed again, once they are due and no fresh ones come first.
     *
     * @param left ids of those that are to stay as they are
     */
    void backOff(List<Long> left) {
        Set<Long> staying = Set.copyOf(left);
        List<Member> unpaired = assembly.unpaired().stream()
                .filter(member -> !staying.contains(member.id()))
                .toList();
        if (!unpaired.isEmpty()) {
            rest(assembly, unpaired, Set.copyOf(unpaired));
        }
    }

    private void rest(Assembly present, List<Member> members, Set<Member> backingOff) {
        List<Rest> rests = new ArrayList<>(members.size());
        for (Member member : members) {
            rests.add(rest(present, member, backingOff.contains(member)));
        }
        int found = ParkTasks.run(terms.transaction(), terms.pool(), terms.now(), rests, terms.version());
        if (found != rests.size()) {
            throw new LostTasksException("pool \"" + terms.pool() + "\": wanted to park " + rests.size()
                    + " tasks that the round claimed, found " + found + "; rolled back");
        }
    }

    private static Rest rest(Assembly present, Member member, boolean backsOff) {
        return new Rest(member.id(), present.wakeAt(member), backsOff ? spread() : null);
    }

    /**
     * Searches among the fresh tasks beyond the round, for members before whom nobody waits, and
     * records the pairs; where that may be done without judging who else might want them. Once for
     * what was taken up.
     *
     * @param executor reads ahead, and records
     * @param meanwhile called as soon as all that is to be read was started, if anything was
     */
    void searchAhead(Executor executor, Runnable meanwhile) {
        searchAhead(executor, meanwhile, () -> record(executor));
    }

    /** The same without recording the pairs. */
    void chooseAhead() {
        searchAhead(Runnable::run, () -> {}, () -> {});
    }

    private void searchAhead(Executor executor, Runnable meanwhile, Runnable record) {
        List<Member> unpaired = SearchAhead.isPossible(terms.rule()) && !searchedAhead
                ? withoutRivals(assembly.unpaired(), executor)
                : List.of();
        if (unpaired.isEmpty()) {
            return;
        }
        searchedAhead = true;
        searchAhead.run(unpaired, place, lastFreshId, executor, meanwhile, record);
    }

    /** On rules with sides: those in whose own bucket no task waits that would come first. */
    private List<Member> withoutRivals(List<Member> members, Executor executor) {
        if (!anybodyWaiting) {
            return members;
        }
        Search rivals = searchIn(Scope.WAITING);
        members.stream()
                .filter(member -> member.soughtCount() > 0 && !member.seeks(member.task.bucket()))
                .forEach(rivals::openForRivals);
        Set<Member> preceded = new HashSet<>();
        rivals.startWindows(true, executor);
        rivals.receiveFirst((rival, those) -> {
            if (!assembly.isClaimed(rival.task().id())
                    && !assembly.isPaired(rival.task().id())) {
                preceded.addAll(those);
            }
        });
        return members.stream().filter(member -> !preceded.contains(member)).toList();
    }

    /** Keeps a task that was found if it would suit anybody who looks there. */
    private void see(Found found, List<Member> seekers) {
        if (!firstLookMayBeLast) {
            assembly.addIfSuits(found.task(), seekers);
        } else if (!assembly.isClaimed(found.task().id())) {
            List<Member> suited = assembly.suited(found.task(), seekers);
            if (found.isFresh()) {
                promised.addAll(suited);
            } else if (!suited.isEmpty()) {
                courted.addAll(suited);
                assembly.addSeen(found.task());
            }
        }
    }

    /**
     * Reads everything once more on behalf of those who are about to be put to rest; returns those who
     * have a legal partner after all, in whatever state and whoever holds it, or of whom that could not
     * be said within bounds.
     */
    private Set<Member> lastLook(Assembly present, List<Member> unpaired) {
        Set<Member> hopeful = new HashSet<>();
        Set<Member> hopeless = new LinkedHashSet<>(unpaired);
        Search search = searchIn(Scope.ALL);
        unpaired.forEach(search::openFor);
        for (int looks = 0; looks < READS_MAX; looks++) {
            Set<Reading> unread = search.unread(hopeless);
            if (unread.isEmpty()) {
                return hopeful;
            }
            search.read(unread, (found, seekers) -> {
                for (Member seeker : present.suited(found.task(), seekers)) {
                    hopeless.remove(seeker);
                    hopeful.add(seeker);
                }
            });
        }
        hopeful.addAll(hopeless);
        return hopeful;
    }

    private Search searchIn(Scope scope) {
        return new Search(terms, terms.rule().needs(), scope);
    }

    private static double spread() {
        return ThreadLocalRandom.current().nextDouble(SPREAD_MIN, SPREAD_MAX);
    }
}
