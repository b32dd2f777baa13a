package io.pgmatch.store;

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
        transaction.dsl().fetch("SELECT " + columns());
    }

    /** Columns of a SELECT that apply them. */
    static String columns() {
        return String.join(
                ", ",
                setting("enable_seqscan", "off"),
                setting("enable_bitmapscan", "off"),
                setting("enable_sort", "off"),
                setting("enable_nestloop", "off"),
                setting("enable_mergejoin", "off"),
                setting("jit", "off"),
                setting("plan_cache_mode", "force_generic_plan"));
    }

    /** A column that sets something until the end of the transaction. */
    static String setting(String name, String value) {
        return "set_config('" + name + "', '" + value + "', true)";
    }
}
