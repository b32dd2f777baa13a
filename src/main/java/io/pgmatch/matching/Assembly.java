package io.pgmatch.matching;

import io.pgmatch.matching.Member.Standing;
import io.pgmatch.model.PairOfIds;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.Rule;
import io.pgmatch.rule.RuleException;
import io.pgmatch.rule.Stretch;
import io.pgmatch.rule.Subject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tasks that a round knows of, and who of them goes with whom. Used by the round's thread only.
 *
 * <p>Implementation notes. Where everybody prefers the oldest, this is the plain sequential loop, in
 * memory, over a part of the pool: it goes through the members by id and gives each its lowest-id
 * partner. That is what the loop over the whole pool would do, provided that the assembly holds, for
 * every member that gets a partner, all the legal partners with a lower id than that one: the round
 * sees to that by reading on. Under any other preference the claimed members arrive one by one, by id,
 * and each chooses among those that wait by then. Members lie by bucket in the order of (rank, id),
 * as in the database's index, so that each is compared with those only that narrowing leaves.
 */
final class Assembly {
    private static final Logger LOG = LoggerFactory.getLogger("io.pgmatch.Matcher");

    private static final Comparator<Member> BY_ID = Comparator.comparingLong(Member::id);

    private final Rule rule;
    private final Instant now;
    private final Map<Long, Member> byId = new HashMap<>();

    /** Of these, at least those up to the last claimed one; by id, unless {@link #sorted} says that they have yet to be sorted. */
    private final List<Member> members = new ArrayList<>();

    private boolean sorted = true;
    private long lastClaimedId = Long.MIN_VALUE;

    /** The others, in no order: they may be partners, but nobody chooses on their behalf. */
    private final List<Member> beyond = new ArrayList<>();

    /** By bucket, the members that are free as they are paired up. */
    private final Map<Long, Shelf> shelves = new HashMap<>();

    Assembly(Rule rule, Instant now) {
        this.rule = rule;
        this.now = now;
    }

    /** Adds a task that the round has claimed. One that it had taken before is claimed from now on. */
    Member claim(WaitingTask task) {
        Member member = byId.get(task.id());
        if (member == null) {
            member = member(task, Standing.CLAIMED);
            add(member);
        }
        member.standing = Standing.CLAIMED;
        lastClaimedId = Math.max(lastClaimedId, task.id());
        return member;
    }

    /** Adds a task that was seen, if some seeker may be paired with it; else it is of no use here. */
    void addIfSuits(WaitingTask task, List<Member> seekers) {
        if (!byId.containsKey(task.id())) {
            Member seen = member(task, Standing.SEEN);
            if (suitsAny(seen, seekers)) {
                add(seen);
            }
        }
    }

    /** Adds a task that was locked as it was found, or need not be. */
    void addTaken(WaitingTask task) {
        if (!byId.containsKey(task.id())) {
            add(member(task, Standing.TAKEN));
        }
    }

    /** Adds a task that was found and is to be locked if it is chosen. */
    void addSeen(WaitingTask task) {
        if (!byId.containsKey(task.id())) {
            add(member(task, Standing.SEEN));
        }
    }

    /** Those of the seekers who may be paired with a task that was seen. */
    List<Member> suited(WaitingTask task, List<Member> seekers) {
        Member known = byId.get(task.id());
        Member seen = known != null ? known : member(task, Standing.SEEN);
        return seekers.stream().filter(seeker -> mayPair(seeker, seen)).toList();
    }

    /** Whether the round has claimed that task. */
    boolean isClaimed(long id) {
        Member member = byId.get(id);
        return member != null && member.standing == Standing.CLAIMED;
    }

    /** Whether that task has a partner. */
    boolean isPaired(long id) {
        Member member = byId.get(id);
        return member != null && member.partner != null;
    }

    /** Chooses partners anew among all that are not contended. */
    void pairUp() {
        each(member -> member.partner = null);
        shelves.values().forEach(Shelf::clear);
        if (rule.prefersOldest()) {
            pairUpOldestFirst();
        } else {
            pairUpAsTheyArrive();
        }
    }

    private void pairUpOldestFirst() {
        shelveAll(Member::isFree);
        for (Member member : inOrder()) {
            if (member.id() > lastClaimedId) {
                return;
            }
            if (member.isFree()) {
                member.shelf.remove(member);
                pair(member, lowestPartner(member));
            }
        }
    }

    private void pairUpAsTheyArrive() {
        shelveAll(member -> member.isFree() && member.standing != Standing.CLAIMED);
        for (Member member : inOrder()) {
            if (member.standing == Standing.CLAIMED) {
                Member partner = preferredPartner(member);
                pair(member, partner);
                if (partner == null) {
                    shelve(member);
                }
            }
        }
    }

    private void shelveAll(Predicate<Member> wanted) {
        each(member -> {
            if (wanted.test(member)) {
                shelve(member);
            }
        });
    }

    private static void shelve(Member member) {
        if (member.soughtCount() > 0) {
            member.shelf.add(member);
        }
    }

    private static void pair(Member member, @Nullable Member partner) {
        if (partner != null) {
            partner.shelf.remove(partner);
            member.partner = partner;
            partner.partner = member;
        }
    }

    /** Ends the search: only what is held counts from now on. */
    void settle() {
        if (toTake().isEmpty()) {
            return;
        }
        for (Member member : byId.values()) {
            if (!member.isHeld()) {
                member.standing = Standing.CONTENDED;
            }
        }
        pairUp();
    }

    /** The partners that were chosen and are not held yet. */
    List<Member> toTake() {
        List<Member> wanted = new ArrayList<>();
        each(member -> {
            if (member.partner != null && !member.isHeld()) {
                wanted.add(member);
            }
        });
        return wanted;
    }

    /** The claimed members without a partner. */
    List<Member> unpaired() {
        List<Member> unpaired = new ArrayList<>();
        for (Member member : inOrder()) {
            if (member.standing == Standing.CLAIMED && member.partner == null) {
                unpaired.add(member);
            }
        }
        return unpaired;
    }

    /** The pairs that were chosen, by the id of the first. */
    List<PairOfIds> pairs() {
        List<PairOfIds> pairs = new ArrayList<>();
        for (Member member : inOrder()) {
            Member partner = member.partner;
            if (partner != null && member.id() < partner.id()) {
                pairs.add(new PairOfIds(member.id(), partner.id()));
            }
        }
        return pairs;
    }

    /**
     * Forgets the pairs, which were recorded, and all but the claimed members: whoever was found is the
     * best for those it was found for, not for those who come next.
     */
    void keepUnpaired() {
        List<Member> kept = unpaired();
        members.clear();
        beyond.clear();
        byId.clear();
        shelves.clear();
        for (Member member : kept) {
            shelves.put(member.task.bucket(), member.shelf);
            add(member);
        }
    }

    /** The claimed members without a partner by themselves, as the rule sees them at another time. */
    Assembly unpairedAt(Instant time) {
        Assembly other = new Assembly(rule, time);
        unpaired().forEach(member -> other.add(other.member(member.task, member.subject, Standing.CLAIMED)));
        return other;
    }

    /** When the rule next changes for the member. */
    Instant wakeAt(Member member) {
        return member.subject == null ? Instant.MAX : rule.nextChange(member.subject, now);
    }

    private void add(Member member) {
        byId.put(member.id(), member);
        if (member.standing != Standing.CLAIMED && member.id() > lastClaimedId) {
            beyond.add(member);
            return;
        }
        sorted &= members.isEmpty() || members.get(members.size() - 1).id() < member.id();
        members.add(member);
    }

    /** Those that nobody chooses on behalf of come last, in no order. */
    private void each(Consumer<Member> action) {
        inOrder().forEach(action);
        beyond.forEach(action);
    }

    private List<Member> inOrder() {
        if (!sorted) {
            members.sort(BY_ID);
            sorted = true;
        }
        return members;
    }

    private Member member(WaitingTask task, Standing standing) {
        return member(task, subject(task), standing);
    }

    private Member member(WaitingTask task, @Nullable Subject subject, Standing standing) {
        List<Stretch> stretches =
                subject == null || task.seeks().length == 0 ? List.of() : rule.stretches(subject, now);
        Shelf shelf = shelves.computeIfAbsent(task.bucket(), bucket -> new Shelf());
        return new Member(task, subject, stretches, shelf, standing);
    }

    /** A task that the database let in and the judge cannot read must not stop the others. */
    private @Nullable Subject subject(WaitingTask task) {
        try {
            return rule.subject(task.id(), task.attributes(), task.insertedAt());
        } catch (RuleException e) {
            LOG.warn("task {} cannot be judged and gets no partner: {}", task.id(), e.getMessage());
            return null;
        }
    }

    private @Nullable Member lowestPartner(Member seeker) {
        return best(seeker, (one, other) -> Long.compare(one.id(), other.id()));
    }

    private @Nullable Member preferredPartner(Member seeker) {
        Subject subject = seeker.subject;
        return subject == null ? null : best(seeker, rule.preference(subject));
    }

    private @Nullable Member best(Member seeker, Comparator<Subject> preference) {
        Member best = null;
        Subject bestSubject = null;
        for (int i = 0; i < seeker.soughtCount(); i++) {
            Shelf shelf = shelves.get(seeker.sought(i));
            if (shelf == null) {
                continue;
            }
            Stretch stretch = seeker.stretches.get(i);
            double lastRank = stretch.ranks().to();
            int place = shelf.start(stretch.ranks());
            for (Member other = shelf.at(place); other != null && other.rank() <= lastRank; other = shelf.at(++place)) {
                Subject candidate = other.subject;
                if (candidate == null || !mayPair(seeker, other)) {
                    continue;
                }
                if (bestSubject == null || preference.compare(candidate, bestSubject) < 0) {
                    best = other;
                    bestSubject = candidate;
                }
                if (stretch.firstIsBest()) {
                    if (stretch.isOneValue(other.rank())) {
                        break;
                    }
                    lastRank = other.rank();
                }
            }
        }
        return best;
    }

    private boolean suitsAny(Member seen, List<Member> seekers) {
        for (Member seeker : seekers) {
            if (mayPair(seeker, seen)) {
                return true;
            }
        }
        return false;
    }

    /** The judge's word; seeking one another is what narrowing asks, and cheap to ask first. */
    private boolean mayPair(Member one, Member other) {
        return one != other
                && one.subject != null
                && other.subject != null
                && other.looksAt(one)
                && rule.accepts(one.subject, other.subject, now);
    }
}
