package io.pgmatch.matching;

import io.pgmatch.matching.Member.Standing;
import io.pgmatch.model.PairOfIds;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.rule.Rule;
import io.pgmatch.rule.RuleException;
import io.pgmatch.rule.Subject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tasks that a round knows of, and who of them goes with whom: the plain sequential loop, in
 * memory, over a part of the pool. Used by the round's thread only.
 *
 * <p>Implementation notes. The loop goes through the members by id and gives each its lowest-id
 * partner. That is what the loop over the whole pool would do, provided that the assembly holds,
 * for every member that gets a partner, all the legal partners with a lower id than that one: the
 * round sees to that by reading each bucket from its lowest id on. The lists by bucket are the same
 * narrowing that the database's index does, so that a member is compared with its bucket only.
 */
final class Assembly {
    private static final Logger LOG = LoggerFactory.getLogger("io.pgmatch.Matcher");

    private static final Comparator<Member> BY_ID = Comparator.comparingLong(Member::id);

    private final Rule rule;
    private final Instant now;
    private final TreeMap<Long, Member> members = new TreeMap<>();
    private final Map<Long, List<Member>> byBucket = new HashMap<>();
    private long lastClaimedId = Long.MIN_VALUE;

    Assembly(Rule rule, Instant now) {
        this.rule = rule;
        this.now = now;
    }

    /** Adds a task, unless it is there already. */
    void add(WaitingTask task, Standing standing) {
        if (members.containsKey(task.id())) {
            return;
        }
        Member member = new Member(task, subject(task), standing);
        members.put(task.id(), member);
        if (task.seeks().length > 0) {
            byBucket.computeIfAbsent(task.bucket(), bucket -> new ArrayList<>()).add(member);
        }
        if (standing == Standing.CLAIMED) {
            lastClaimedId = Math.max(lastClaimedId, task.id());
        }
    }

    /** Chooses partners anew among all that are not contended. */
    void pairUp() {
        members.values().forEach(member -> member.partner = null);
        byBucket.values().forEach(list -> list.sort(BY_ID));
        for (Member member : members.headMap(lastClaimedId, true).values()) {
            if (!member.isFree()) {
                continue;
            }
            Member partner = lowestPartnerAfter(member);
            if (partner != null) {
                member.partner = partner;
                partner.partner = member;
            }
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

    /** The claimed members without a partner. */
    List<Member> unpaired() {
        return members.values().stream()
                .filter(member -> member.standing == Standing.CLAIMED && member.partner == null)
                .toList();
    }

    /** The pairs of which the round holds both members. */
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

    /** Whether some member that stays would be a legal partner, whoever holds it. */
    boolean hasPartnerLeft(Member seeker) {
        for (long bucket : seeker.task.seeks()) {
            for (Member other : byBucket.getOrDefault(bucket, List.of())) {
                if (other.partner == null && mayPair(seeker, other)) {
                    return true;
                }
            }
        }
        return false;
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

    private @Nullable Member lowestPartnerAfter(Member seeker) {
        Member lowest = null;
        for (long bucket : seeker.task.seeks()) {
            List<Member> list = byBucket.getOrDefault(bucket, List.of());
            for (int i = firstAfter(list, seeker.id()); i < list.size(); i++) {
                Member other = list.get(i);
                if (lowest != null && other.id() > lowest.id()) {
                    break;
                }
                if (other.isFree() && mayPair(seeker, other)) {
                    lowest = other;
                    break;
                }
            }
        }
        return lowest;
    }

    /** The judge's word; seeking one another is what narrowing asks, and cheap to ask first. */
    private boolean mayPair(Member one, Member other) {
        return one.subject != null
                && other.subject != null
                && seeks(one, other)
                && seeks(other, one)
                && rule.accepts(one.subject, other.subject, now);
    }

    private static boolean seeks(Member one, Member other) {
        for (long bucket : one.task.seeks()) {
            if (bucket == other.task.bucket()) {
                return true;
            }
        }
        return false;
    }

    private static int firstAfter(List<Member> sorted, long id) {
        int low = 0;
        int high = sorted.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted.get(middle).id() <= id) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
