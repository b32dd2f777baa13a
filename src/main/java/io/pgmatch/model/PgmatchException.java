package io.pgmatch.model;

import org.jspecify.annotations.Nullable;

/**
 * The root of everything pgmatch throws. Its message is one line that names the thing, says what was
 * wanted and what came, and where it helps what to do; it never holds a password.
 */
public class PgmatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An error that pgmatch itself found. */
    public PgmatchException(String message) {
        super(message);
    }

    /** An error that {@code cause} led to; the message stands on its own. */
    public PgmatchException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Whether trying again later makes sense: the database is away, not our request wrong. */
    public boolean isTransient() {
        return false;
    }
}
