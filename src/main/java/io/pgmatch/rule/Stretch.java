package io.pgmatch.rule;

/**
 * Where a seeker's partners lie in a bucket that it seeks.
 *
 * @param ranks the range of their ranks
 * @param firstIsBest whether the seeker prefers, of any two legal partners there, the one that comes
 *     first in the order of (rank, id), so that a search may stop at it; values that differ only
 *     beyond the 15 digits that a rank holds count as equal in this
 */
public record Stretch(RankRange ranks, boolean firstIsBest) {}
