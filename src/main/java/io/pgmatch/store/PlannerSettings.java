package io.pgmatch.store;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;

import java.util.List;
import org.jooq.SelectField;

/**
 * What a transaction sets for itself, until it ends, so that tasks are read by their indexes.
 *
 * <p>The table swings between empty and millions of rows, statistics lie, and a plan that was made for
 * an empty table sorts a million rows. Every statement of a round has an index in the order it needs,
 * so the alternatives are priced out; and since no parameter could change the plan, a session plans each
 * statement once.
 */
public final class PlannerSettings {
    private PlannerSettings() {}

    /** Applies them, in one statement. */
    public static void apply(Transaction transaction) {
        transaction.dsl().select(columns()).fetch();
    }

    /** Columns of a SELECT that apply them. */
    static List<SelectField<String>> columns() {
        return List.of(
                setting("enable_seqscan", "off"),
                setting("enable_bitmapscan", "off"),
                setting("enable_sort", "off"),
                setting("enable_nestloop", "off"),
                setting("enable_mergejoin", "off"),
                setting("jit", "off"),
                setting("plan_cache_mode", "force_generic_plan"));
    }

    /** A column that sets something until the end of the transaction. */
    static SelectField<String> setting(String name, String value) {
        return field("set_config({0}, {1}, true)", String.class, inline(name), inline(value));
    }
}
