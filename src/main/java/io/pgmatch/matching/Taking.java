package io.pgmatch.matching;

import io.pgmatch.matching.Member.Standing;
import io.pgmatch.store.TakePartners;
import java.util.List;
import java.util.Set;

/** Locks the partners that were chosen and that the round does not hold yet. Used by the round's thread only. */
final class Taking {
    private final Terms terms;
    private final Assembly assembly;
    private int contended;

    Taking(Terms terms, Assembly assembly) {
        this.terms = terms;
        this.assembly = assembly;
    }

    /** Locks them; returns whether some could not be had, so that others are to be chosen. */
    boolean take() {
        List<Member> wanted = assembly.toTake();
        if (wanted.isEmpty()) {
            return false;
        }
        Set<Long> held = TakePartners.run(
                terms.transaction(),
                terms.pool(),
                terms.now(),
                wanted.stream().mapToLong(Member::id).toArray(),
                terms.version());
        for (Member member : wanted) {
            member.standing = held.contains(member.id()) ? Standing.TAKEN : Standing.CONTENDED;
        }
        contended += wanted.size() - held.size();
        return held.size() < wanted.size();
    }

    /** How many could not be had, because others held them. */
    int contended() {
        return contended;
    }
}
