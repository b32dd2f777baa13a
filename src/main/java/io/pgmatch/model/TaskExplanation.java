package io.pgmatch.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a task waits.
 *
 * @param task the task
 * @param read how many other waiting tasks were looked at
 * @param cut whether there are more, which were not
 * @param legal how many of them it may be paired with
 * @param turnedAway for each condition of the rule, how many it turns away
 * @param nearest the task that the fewest conditions turn away; null if it may be paired with some, or
 *     nobody else waits
 */
public record TaskExplanation(
        Task task,
        long read,
        boolean cut,
        long legal,
        List<TurnedAway> turnedAway,
        @Nullable PairExplanation nearest) {
    /** Copies the list. */
    public TaskExplanation {
        turnedAway = List.copyOf(turnedAway);
    }

    /**
     * How many a condition turns away.
     *
     * @param condition the condition and its place
     * @param tasks those for whom it does not hold, in one direction at least
     * @param alone those of them for whom everything else holds
     */
    public record TurnedAway(SearchPlan.PlacedCondition condition, long tasks, long alone) {}
}
