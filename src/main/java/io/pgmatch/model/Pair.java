package io.pgmatch.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A pair that was made: a row of matched_pairs.
 *
 * @param pool the pool both waited in
 * @param first the member with the lower id
 * @param second the other
 * @param matchedAt the database's time at which the rule accepted them
 * @param matchedBy name of the matcher
 * @param ruleVersion version of the rule that accepted them
 */
public record Pair(String pool, Member first, Member second, Instant matchedAt, String matchedBy, int ruleVersion) {
    /**
     * A task that was paired.
     *
     * @param id its id
     * @param ref the producer's name for it, if it has one
     * @param attributes JSON
     * @param insertedAt since when it waited
     */
    public record Member(long id, @Nullable String ref, String attributes, Instant insertedAt) {}
}
