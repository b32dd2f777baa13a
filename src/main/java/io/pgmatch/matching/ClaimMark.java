package io.pgmatch.matching;

import java.util.List;

/** Where a worker's next round in a pool starts. Used by the worker's thread only, but for its front. */
final class ClaimMark {
    private final ClaimFront front;

    private List<Long> left = List.of();

    /** How far the worker itself has come since the front started over last. */
    private ClaimFront.Place reached = new ClaimFront.Place(Long.MIN_VALUE, 0);

    /** Whether the last claim brought all that it might. */
    private boolean foundMany;

    /** A mark at a front that other workers may share. */
    ClaimMark(ClaimFront front) {
        this.front = front;
    }

    ClaimFront front() {
        return front;
    }

    /** After the fresh tasks that the worker has claimed in that turn of the front; the lowest of all ids if it has none. */
    long ownFreshId(int turn) {
        return reached.turn() == turn ? reached.freshId() : Long.MIN_VALUE;
    }

    /** Notes how far the worker has come. */
    void reach(ClaimFront.Place end) {
        reached = end;
    }

    /** Whether the worker's last claim brought all that it might. */
    boolean foundMany() {
        return foundMany;
    }

    /** Notes whether a claim brought all that it might. */
    void noteFound(boolean many) {
        foundMany = many;
    }

    /** Ids of tasks that the worker's last round claimed and left as they were, since they have no partner or lost it: they come first. */
    List<Long> left() {
        return left;
    }

    /** Leaves these to the next round. */
    void leave(List<Long> ids) {
        left = List.copyOf(ids);
    }
}
