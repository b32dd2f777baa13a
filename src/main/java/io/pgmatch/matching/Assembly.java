package io.pgmatch.matching;

import io.pgmatch.matching.Member.Standing;
import io.pgmatch.model.PairOfIds;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.RankRange;
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
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
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

    private static final Comparator<Member> BY_RANK =
            Comparator.comparingDouble(Member::rank).thenComparingLong(Member::id);

    private final Rule rule;
    private final Instant now;
    private final TreeMap<Long, Member> members = new TreeMap<>();
    private long lastClaimedId = Long.MIN_VALUE;

    Assembly(Rule rule, Instant now) {
        this.rule = rule;
        this.now = now;
    }

    /** Adds a task, unless it is there already. */
    void add(WaitingTask task, Standing standing) {
        if (!members.containsKey(task.id())) {
            members.put(task.id(), member(task, standing));
            if (standing == Standing.CLAIMED) {
                lastClaimedId = Math.max(lastClaimedId, task.id());
            }
        }
    }

    /** Adds a task that was seen, if some seeker may be paired with it; else it is of no use here. */
    void addIfSuits(WaitingTask task, List<Member> seekers) {
        if (!members.containsKey(task.id())) {
            Member seen = member(task, Standing.SEEN);
            if (seekers.stream().anyMatch(seeker -> mayPair(seeker, seen))) {
                members.put(task.id(), seen);
            }
        }
    }

    /** Those of the seekers who may be paired with a task that was seen and that the round has not paired. */
    List<Member> suited(WaitingTask task, List<Member> seekers) {
        Member known = members.get(task.id());
        if (known != null && known.partner != null) {
            return List.of();
        }
        Member seen = known != null ? known : member(task, Standing.SEEN);
        return seekers.stream().filter(seeker -> mayPair(seeker, seen)).toList();
    }

    /** Whether the round has claimed that task. */
    boolean isClaimed(long id) {
        Member member = members.get(id);
        return member != null && member.standing == Standing.CLAIMED;
    }

    /** Chooses partners anew among all that are not contended. */
    void pairUp() {
        members.values().forEach(member -> member.partner = null);
        Shelves free = new Shelves();
        if (rule.prefersOldest()) {
            pairUpOldestFirst(free);
        } else {
            pairUpAsTheyArrive(free);
        }
    }

    private void pairUpOldestFirst(Shelves free) {
        members.values().stream().filter(Member::isFree).forEach(free::add);
        for (Member member : members.headMap(lastClaimedId, true).values()) {
            if (member.isFree()) {
                free.remove(member);
                pair(member, lowestPartner(member, free), free);
            }
        }
    }

    private void pairUpAsTheyArrive(Shelves waiting) {
        for (Member member : members.values()) {
            if (member.isFree() && member.standing != Standing.CLAIMED) {
                waiting.add(member);
            }
        }
        for (Member member : members.values()) {
            if (member.standing == Standing.CLAIMED) {
                Member partner = preferredPartner(member, waiting);
                pair(member, partner, waiting);
                if (partner == null) {
                    waiting.add(member);
                }
            }
        }
    }

    private static void pair(Member member, @Nullable Member partner, Shelves shelves) {
        if (partner != null) {
            shelves.remove(partner);
            member.partner = partner;
            partner.partner = member;
        }
    }

    /** Ends the search: only what is held counts from now on. */
    void settle() {
        if (toTake().isEmpty()) {
            return;
        }
        for (Member member : members.values()) {
            if (!member.isHeld()) {
                member.standing = Standing.CONTENDED;
            }
        }
        pairUp();
    }

    /** The partners that were chosen and are not held yet. */
    List<Member> toTake() {
        return members.values().stream()
                .filter(member -> member.partner != null && !member.isHeld())
                .toList();
    }

    /** The claimed members, by id. */
    List<Member> claimed() {
        return members.values().stream()
                .filter(member -> member.standing == Standing.CLAIMED)
                .toList();
    }

    /** The claimed members without a partner. */
    List<Member> unpaired() {
        return members.values().stream()
                .filter(member -> member.standing == Standing.CLAIMED && member.partner == null)
                .toList();
    }

    /** The pairs that were chosen, of which the round holds both members. */
    List<PairOfIds> pairs() {
        List<PairOfIds> pairs = new ArrayList<>();
        for (Member member : members.values()) {
            Member partner = member.partner;
            if (partner != null && member.id() < partner.id() && member.isHeld() && partner.isHeld()) {
                pairs.add(new PairOfIds(member.id(), partner.id()));
            }
        }
        return pairs;
    }

    /** When the rule next changes for the member. */
    Instant wakeAt(Member member) {
        return member.subject == null ? Instant.MAX : rule.nextChange(member.subject, now);
    }

    private Member member(WaitingTask task, Standing standing) {
        Subject subject = subject(task);
        List<Stretch> stretches =
                subject == null || task.seeks().length == 0 ? List.of() : rule.stretches(subject, now);
        return new Member(task, subject, stretches, standing);
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

    private @Nullable Member lowestPartner(Member seeker, Shelves shelves) {
        return best(seeker, shelves, (one, other) -> Long.compare(one.id(), other.id()));
    }

    private @Nullable Member preferredPartner(Member seeker, Shelves shelves) {
        Subject subject = seeker.subject;
        return subject == null ? null : best(seeker, shelves, rule.preference(subject));
    }

    private @Nullable Member best(Member seeker, Shelves shelves, Comparator<Subject> preference) {
        Member best = null;
        Subject bestSubject = null;
        for (int i = 0; i < seeker.soughtCount(); i++) {
            Stretch stretch = seeker.stretches.get(i);
            double lastRank = Double.POSITIVE_INFINITY;
            for (Member other : shelves.of(seeker.sought(i), stretch.ranks())) {
                if (other.rank() > lastRank) {
                    break;
                }
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

    /** The judge's word; seeking one another is what narrowing asks, and cheap to ask first. */
    private boolean mayPair(Member one, Member other) {
        return one != other
                && one.subject != null
                && other.subject != null
                && other.looksAt(one)
                && rule.accepts(one.subject, other.subject, now);
    }

    /** Members by bucket, in the order of (rank, id). */
    private static final class Shelves {
        private static final NavigableSet<Member> NONE = new TreeSet<>(BY_RANK);

        private final Map<Long, TreeSet<Member>> byBucket = new HashMap<>();

        void add(Member member) {
            if (member.soughtCount() > 0) {
                byBucket.computeIfAbsent(member.task.bucket(), bucket -> new TreeSet<>(BY_RANK))
                        .add(member);
            }
        }

        void remove(Member member) {
            TreeSet<Member> shelf = byBucket.get(member.task.bucket());
            if (shelf != null) {
                shelf.remove(member);
            }
        }

        /** The members of a bucket whose ranks lie in the range. */
        NavigableSet<Member> of(long bucket, RankRange range) {
            TreeSet<Member> shelf = byBucket.get(bucket);
            if (shelf == null || range.isEmpty()) {
                return NONE;
            }
            return shelf.subSet(
                    Member.edge(range.from(), Long.MIN_VALUE), true, Member.edge(range.to(), Long.MAX_VALUE), true);
        }
    }
}
