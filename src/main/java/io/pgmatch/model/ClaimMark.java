package io.pgmatch.model;

import java.util.List;

/**
 * Where a worker's next round starts: at a fresh task, so that it need not walk over the index entries
 * of all that were deleted before.
 *
 * @param freshId fresh tasks with lower ids are not looked at; tasks that are due again always are
 * @param left ids of fresh tasks below it that have no partner yet: they come first
 */
public record ClaimMark(long freshId, List<Long> left) {
    /** Look at everything. */
    public static final ClaimMark START = new ClaimMark(Long.MIN_VALUE, List.of());

    /** Copies the list. */
    public ClaimMark {
        left = List.copyOf(left);
    }
}
