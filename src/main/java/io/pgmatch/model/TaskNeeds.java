package io.pgmatch.model;

/**
 * What a rule has to know of each task; a round of thousands fetches no more.
 *
 * @param attributes whether it looks at any attribute
 * @param seeks whether a task's partners may lie in other buckets than its own
 * @param insertedAt whether it matters since when the task waits
 */
public record TaskNeeds(boolean attributes, boolean seeks, boolean insertedAt) {
    /** Everything. */
    public static final TaskNeeds ALL = new TaskNeeds(true, true, true);
}
