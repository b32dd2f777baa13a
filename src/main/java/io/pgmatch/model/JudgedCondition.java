package io.pgmatch.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a condition of a rule says of two tasks, in one direction.
 *
 * @param direction whose wait counts, and towards whom
 * @param depth 0 for a condition of the rule itself, more for the parts of one
 * @param place where it stands, and the condition as compact JSON
 * @param compared the values compared, in words; empty where the parts say it all
 * @param holds whether it holds
 * @param changesAt when the condition itself next changes; null if never
 */
public record JudgedCondition(
        Direction direction,
        int depth,
        SearchPlan.PlacedCondition place,
        String compared,
        boolean holds,
        @Nullable Instant changesAt) {
    /** From one task to another. */
    public record Direction(long seekerId, long partnerId) {}
}
