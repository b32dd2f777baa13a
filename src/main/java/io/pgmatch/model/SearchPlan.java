package io.pgmatch.model;

import java.util.List;

/**
 * How partners are searched for under a rule. Conditions that the database narrows by cost the same
 * however many tasks wait; what they leave is read in pages, and judged one by one by the others.
 *
 * @param narrowed the conditions that the database narrows the search by
 * @param paged the conditions that it cannot narrow by
 */
public record SearchPlan(List<PlacedCondition> narrowed, List<PlacedCondition> paged) {
    /** Copies the lists. */
    public SearchPlan {
        narrowed = List.copyOf(narrowed);
        paged = List.copyOf(paged);
    }

    /**
     * A condition of a rule.
     *
     * @param place where it stands, such as {@code match[0]}
     * @param condition the condition as compact JSON
     */
    public record PlacedCondition(String place, String condition) {}
}
