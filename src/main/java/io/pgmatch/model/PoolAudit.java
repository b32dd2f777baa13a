package io.pgmatch.model;

import java.util.List;

/**
 * What an audit found in a pool.
 *
 * @param pool its name
 * @param inserted tasks ever inserted, by the database's own tally
 * @param waiting tasks that wait
 * @param pairs pairs made
 * @param retired tasks that left without a partner
 * @param breaches one line for each breach of S1, S2 or S3, the first hundred
 * @param legalPairsLeft pairs that could be made of the waiting tasks (L1)
 * @param paused whether matchers leave the pool alone, so that legal pairs stay
 */
public record PoolAudit(
        String pool,
        long inserted,
        long waiting,
        long pairs,
        long retired,
        List<String> breaches,
        long legalPairsLeft,
        boolean paused) {
    /** The same with another count of pairs that could be made. */
    public PoolAudit withLegalPairsLeft(long count) {
        return new PoolAudit(pool, inserted, waiting, pairs, retired, breaches, count, paused);
    }

    /** Whether S1, S2 and S3 hold. */
    public boolean isSafe() {
        return breaches.isEmpty();
    }

    /** Whether L1 holds, too. */
    public boolean isAtRest() {
        return paused || legalPairsLeft == 0;
    }
}
