package io.pgmatch.model;

/**
 * Where a worker's next claim starts: at a fresh task, so that it need not walk over the index entries
 * of all that were deleted before.
 *
 * @param freshId fresh tasks with lower ids are not looked at; tasks that are due again always are
 */
public record ClaimMark(long freshId) {
    /** Look at everything. */
    public static final ClaimMark START = new ClaimMark(Long.MIN_VALUE);
}
