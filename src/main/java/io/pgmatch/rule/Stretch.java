package io.pgmatch.rule;

import io.pgmatch.model.Window;
import java.util.List;

/**
 * Where a seeker's partners lie in a bucket that it seeks, and which of them it prefers.
 *
 * @param ranks the range of their ranks
 * @param approach the order in which the seeker prefers them
 */
public record Stretch(RankRange ranks, Approach approach) {
    /** All of it, in the order of (rank, id). */
    public Window window(long bucket) {
        return Window.of(Window.Order.RANK_UP, bucket, ranks.from(), ranks.to());
    }

    /**
     * The windows that meet the partners in the order in which the seeker prefers them, each those of
     * one direction. Empty if no index has that order.
     */
    public List<Window> ways(long bucket) {
        return approach.ways(bucket, ranks);
    }

    /**
     * Whether the seeker prefers, of any two legal partners there, the one that comes first in the order
     * of (rank, id); of tasks of one rank, see {@link #isOneValue}.
     */
    public boolean firstIsBest() {
        return approach.firstIsBest();
    }

    /** Whether tasks of that rank are equal in what is preferred; if not, one may be better than the first. */
    public boolean isOneValue(double rank) {
        return approach.isOneValue(rank);
    }
}
