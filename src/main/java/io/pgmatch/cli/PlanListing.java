package io.pgmatch.cli;

import io.pgmatch.cli.Column.Json;
import io.pgmatch.model.SearchPlan;
import io.pgmatch.model.SearchPlan.PlacedCondition;
import java.util.List;

/** How a search plan is shown: which conditions the database narrows by, and which it cannot. */
final class PlanListing {
    private static final Listing<PlacedCondition> CONDITIONS = new Listing<>(List.of(
            Column.of("place", PlacedCondition::place),
            Column.of("condition", condition -> new Json(condition.condition()))));

    private PlanListing() {}

    /** Tells people, in a line for each condition. */
    static void print(Console console, SearchPlan plan) {
        if (plan.narrowed().isEmpty() && plan.paged().isEmpty()) {
            console.line("no condition: any two match");
            return;
        }
        if (!plan.narrowed().isEmpty()) {
            console.line("narrowed by the database, at the same cost however many wait:");
            plan.narrowed().forEach(condition -> console.line(line(condition)));
        }
        if (!plan.paged().isEmpty()) {
            console.line(
                    plan.narrowed().isEmpty()
                            ? "not narrowed, so all that wait are read in pages until a partner is found:"
                            : "not narrowed, so what the above leave is read in pages until a partner is found:");
            plan.paged().forEach(condition -> console.line(line(condition)));
        }
    }

    /** A list of conditions as JSON. */
    static Json json(List<PlacedCondition> conditions) {
        return new Json("["
                + String.join(", ", conditions.stream().map(CONDITIONS::object).toList()) + "]");
    }

    private static String line(PlacedCondition condition) {
        return "  " + condition.place() + "  " + Words.oneLine(condition.condition());
    }
}
