package io.pgmatch.store;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.val;

import java.time.Duration;
import java.util.List;
import org.jooq.SelectField;

/**
 * What a matcher's transaction sets for itself, and only for itself, so that it works through a
 * connection pooler too.
 *
 * @param statementTimeout longest a statement may take
 * @param idleTimeout longest the transaction may wait for its client, be it for the next statement or
 *     for taking an answer: a stopped matcher holds its tasks no longer than this
 */
public record RoundSettings(Duration statementTimeout, Duration idleTimeout) {
    /** Longest wait for a lock. Rounds skip locked rows; only DDL could make them wait. */
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);

    private static final Duration CONNECTION_CHECK = Duration.ofSeconds(1);

    /** Settings that suit rounds of any size. */
    public static RoundSettings defaults() {
        return new RoundSettings(Duration.ofSeconds(60), Duration.ofSeconds(10));
    }

    /**
     * Columns of a SELECT that apply the settings until the end of the transaction.
     *
     * <p>The planner's: tasks swings between empty and millions of rows, statistics lie, and a plan
     * that was made for an empty table sorts a million rows. Every statement of a round has an index
     * in the order it needs, so the alternatives are priced out; and since no parameter could change
     * the plan, a session plans each statement once.
     */
    List<SelectField<?>> columns() {
        return List.of(
                setting("statement_timeout", millis(statementTimeout)),
                setting("lock_timeout", millis(LOCK_TIMEOUT)),
                setting("idle_in_transaction_session_timeout", millis(idleTimeout)),
                setting("client_connection_check_interval", millis(CONNECTION_CHECK)),
                setting("tcp_user_timeout", millis(idleTimeout)),
                setting("enable_seqscan", "off"),
                setting("enable_bitmapscan", "off"),
                setting("enable_sort", "off"),
                setting("jit", "off"),
                setting("plan_cache_mode", "force_generic_plan"));
    }

    private static SelectField<String> setting(String name, String value) {
        return field("set_config({0}, {1}, true)", String.class, inline(name), val(value));
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }
}
