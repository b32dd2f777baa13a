package io.pgmatch.rule;

/**
 * A range of ranks, both ends included.
 *
 * @param from the lowest rank
 * @param to the highest rank; below {@code from} if the range is empty
 */
public record RankRange(double from, double to) {
    /** Every rank. */
    public static final RankRange ALL = new RankRange(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    /** The rank of every task of a rule that ranks by nothing. */
    public static final RankRange ZERO = new RankRange(0, 0);

    /** No rank at all. */
    public static final RankRange NONE = new RankRange(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

    /** The range of the negatives. */
    RankRange negated() {
        return new RankRange(0 - to, 0 - from);
    }

    /** Whether no rank lies in it. */
    public boolean isEmpty() {
        return from > to;
    }

    /** Whether the rank lies in it. */
    public boolean contains(double rank) {
        return from <= rank && rank <= to;
    }
}
