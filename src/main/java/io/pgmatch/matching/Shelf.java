package io.pgmatch.matching;

import io.pgmatch.rule.RankRange;
import java.util.Arrays;

/**
 * Members of one bucket in the order of (rank, id), in an array: adding and removing at the ends, which is
 * what happens most, costs next to nothing, and elsewhere moving some thousand references costs less than
 * the nodes of a tree. Used by one thread.
 */
final class Shelf {
    private Member[] members = new Member[4];
    private int from;
    private int to;

    /** Adds a member, unless it is there. */
    void add(Member member) {
        int place = to == from || precedes(members[to - 1], member) ? to : find(member);
        if (place < to && members[place] == member) {
            return;
        }
        if (to == members.length) {
            members = Arrays.copyOf(members, 2 * members.length);
        }
        System.arraycopy(members, place, members, place + 1, to - place);
        members[place] = member;
        to++;
    }

    /** Removes all. */
    void clear() {
        Arrays.fill(members, from, to, null);
        from = 0;
        to = 0;
    }

    /** Removes a member, if it is there. */
    void remove(Member member) {
        int place = find(member);
        if (place == to || members[place] != member) {
            return;
        }
        if (place == from) {
            members[from] = null;
            from++;
        } else {
            System.arraycopy(members, place + 1, members, place, to - place - 1);
            to--;
            members[to] = null;
        }
    }

    /** The place of the first member whose rank lies in the range; see {@link #at}. */
    int start(RankRange range) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (members[middle].rank() < range.from()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The member at that place, or null beyond the last one. Places change with every change. */
    @org.jspecify.annotations.Nullable
    Member at(int place) {
        return place < to ? members[place] : null;
    }

    private int find(Member member) {
        if (from < to && members[from] == member) {
            return from;
        }
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (precedes(members[middle], member)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static boolean precedes(Member one, Member other) {
        return one.rank() < other.rank() || (one.rank() == other.rank() && one.id() < other.id());
    }
}
