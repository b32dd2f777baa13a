package io.pgmatch.store;

import java.time.Duration;

/**
 * What a matcher's transaction sets for itself, and only for itself, so that it works through a
 * connection pooler too.
 *
 * @param statementTimeout longest a statement may take
 * @param idleTimeout longest the transaction may wait for its client, be it for the next statement or
 *     for taking an answer: a stopped matcher holds its tasks no longer than this
 * @param lockTimeout longest wait for a lock
 */
public record RoundSettings(Duration statementTimeout, Duration idleTimeout, Duration lockTimeout) {
    private static final Duration CONNECTION_CHECK = Duration.ofSeconds(1);

    /** Settings that suit rounds of any size. */
    public static RoundSettings defaults() {
        return new RoundSettings(Duration.ofSeconds(60), Duration.ofSeconds(10), Duration.ofSeconds(5));
    }

    /**
     * The same for rounds that do not lock what they claim. Others skip locked rows, so that only DDL could make them wait;
     * these may wait for a row that somebody else has locked, who most likely changes it: there is nothing to wait for. And
     * the server looks for a deadlock only after a second, unless it is told otherwise: the round, not whoever waits for
     * what it has deleted, is to give way.
     */
    public RoundSettings optimistic() {
        return new RoundSettings(statementTimeout, idleTimeout, Duration.ofMillis(10));
    }

    /** Columns of a SELECT that apply these and the planner's settings until the end of the transaction. */
    String columns() {
        return String.join(
                ", ",
                PlannerSettings.columns(),
                PlannerSettings.setting("statement_timeout", millis(statementTimeout)),
                PlannerSettings.setting("lock_timeout", millis(lockTimeout)),
                PlannerSettings.setting("idle_in_transaction_session_timeout", millis(idleTimeout)),
                PlannerSettings.setting("client_connection_check_interval", millis(CONNECTION_CHECK)),
                PlannerSettings.setting("tcp_user_timeout", millis(idleTimeout)));
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }
}
