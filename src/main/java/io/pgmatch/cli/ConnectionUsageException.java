package io.pgmatch.cli;

import io.pgmatch.model.PgmatchException;

/**
 * The database is not named, or not in a way that can be understood: wrong usage, exit 2. It never
 * quotes what was given, for a password may be anywhere in it.
 */
final class ConnectionUsageException extends PgmatchException {
    private static final long serialVersionUID = 1L;

    ConnectionUsageException(String message) {
        super(message);
    }
}
