package io.pgmatch.rule;

import io.pgmatch.model.PgmatchException;

/**
 * A rule, or a task's attributes, that break the language. The message is one line that names the
 * place, what was wanted and what came, such as {@code match[0].equal: wanted the name of a
 * declared attribute, got "mood"; did you mean "mode"?}.
 */
public final class RuleException extends PgmatchException {
    private static final long serialVersionUID = 1L;

    /** An error at {@code place}, where {@code wanted} was expected and {@code got} came. */
    RuleException(String place, String wanted, String got) {
        super(place + ": wanted " + wanted + ", got " + got);
    }
}
