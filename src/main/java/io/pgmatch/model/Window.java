package io.pgmatch.model;

/**
 * A part of a bucket in which partners are searched for, in one of the orders that an index has.
 *
 * @param order the order in which it is read
 * @param bucket the bucket
 * @param after with {@code afterId}: only what comes after this point of the order
 * @param afterId see {@code after}
 * @param to where it ends, inclusive
 */
public record Window(Order order, long bucket, double after, long afterId, double to) {
    /** By which number, in which direction; tasks of the same number by id, in that direction too. */
    public enum Order {
        /** By rank. */
        RANK_UP,
        /** By rank, backwards. */
        RANK_DOWN,
        /** By what is preferred; only tasks that have been searched for before. */
        PREFERENCE_UP,
        /** By what is preferred, backwards; only tasks that have been searched for before. */
        PREFERENCE_DOWN;

        /** Whether it is the number that the rule's condition compares. */
        public boolean isByRank() {
            return this == RANK_UP || this == RANK_DOWN;
        }

        /** Whether low numbers and ids come first. */
        public boolean isUp() {
            return this == RANK_UP || this == PREFERENCE_UP;
        }
    }

    /** The tasks whose numbers lie from {@code from} to {@code to}, or down to it, both included. */
    public static Window of(Order order, long bucket, double from, double to) {
        return new Window(order, bucket, from, order.isUp() ? Long.MIN_VALUE : Long.MAX_VALUE, to);
    }

    /** The part of this window that comes after a point. */
    public Window after(double number, long id) {
        return new Window(order, bucket, number, id, to);
    }
}
