package io.pgmatch.model;

/**
 * Two tasks that a round pairs.
 *
 * @param firstId the lower id
 * @param secondId the higher id
 */
public record PairOfIds(long firstId, long secondId) {
    /** Refuses ids that are out of order. */
    public PairOfIds {
        if (firstId >= secondId) {
            throw new IllegalArgumentException("first " + firstId + " is not below second " + secondId);
        }
    }

    /** The pair of two ids given in any order. */
    public static PairOfIds of(long oneId, long otherId) {
        return new PairOfIds(Math.min(oneId, otherId), Math.max(oneId, otherId));
    }
}
