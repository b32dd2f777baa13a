package io.pgmatch.matching;

import java.util.List;

/** Where a worker's next round in a pool starts. Used by the worker's thread only, but for its front. */
final class ClaimMark {
    private final ClaimFront front;

    private List<Long> left = List.of();

    /** A mark at a front that other workers may share. */
    ClaimMark(ClaimFront front) {
        this.front = front;
    }

    ClaimFront front() {
        return front;
    }

    /** Ids of fresh tasks behind the front that have no partner yet: they come first. */
    List<Long> left() {
        return left;
    }

    /** Leaves these to the next round. */
    void leave(List<Long> ids) {
        left = List.copyOf(ids);
    }
}
