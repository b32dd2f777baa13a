package io.pgmatch.model;

/**
 * What a matcher has done since it started. Counted after each commit, so a pair whose commit was
 * applied and whose answer was lost is missing here, never in the database.
 *
 * @param rounds rounds that claimed something
 * @param claimed tasks claimed, as often as they were
 * @param pairs pairs made
 * @param parked tasks parked for good
 * @param contended partners that could not be taken because others held them
 * @param expired tasks retired because they had expired
 * @param failedComparisons comparisons that a condition written in Java failed by an exception, as
 *     often as it did
 */
public record MatcherCounts(
        long rounds, long claimed, long pairs, long parked, long contended, long expired, long failedComparisons) {}
