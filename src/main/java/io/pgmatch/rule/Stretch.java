package io.pgmatch.rule;

/**
 * Where a seeker's partners lie in a bucket that it seeks.
 *
 * @param ranks the range of their ranks
 * @param firstIsBest whether the seeker prefers, of any two legal partners there, the one that comes
 *     first in the order of (rank, id), so that a search may stop at it
 */
public record Stretch(RankRange ranks, boolean firstIsBest) {}
