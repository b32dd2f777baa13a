package io.pgmatch.bench;

/**
 * What the median of a figure must reach.
 *
 * @param atLeast whether more is better
 * @param bound what counts as reached, itself included
 */
public record Target(boolean atLeast, double bound) {
    /** More is better. */
    public static Target atLeast(double bound) {
        return new Target(true, bound);
    }

    /** Less is better. */
    public static Target atMost(double bound) {
        return new Target(false, bound);
    }

    /** Whether a value reaches it. */
    public boolean isReachedBy(double value) {
        return atLeast ? value >= bound : value <= bound;
    }

    @Override
    public String toString() {
        return (atLeast ? "≥ " : "≤ ") + Figure.shown(bound);
    }
}
