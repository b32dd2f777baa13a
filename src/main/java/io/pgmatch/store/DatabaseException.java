package io.pgmatch.store;

import io.pgmatch.model.PgmatchException;
import java.sql.SQLException;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What the database refused or failed to do, in the one line that it gave as the reason. */
public final class DatabaseException extends PgmatchException {
    private static final long serialVersionUID = 1L;

    /**
     * Connection exceptions, insufficient resources, operator intervention, system errors, and a
     * server that turned read-only: they pass, and say nothing of the statement.
     */
    private static final Set<String> OUTAGE_CLASSES = Set.of("08", "53", "57", "58");

    private static final String QUERY_CANCELED = "57014";
    private static final String READ_ONLY_TRANSACTION = "25006";
    private static final String IDLE_TIMEOUT = "25P03";
    private static final String TRANSACTION_TIMEOUT = "25P04";

    private final String sqlState;

    private DatabaseException(String message, String sqlState, SQLException cause) {
        super(message, cause);
        this.sqlState = sqlState;
    }

    /** Wraps what the driver threw. */
    static DatabaseException of(SQLException cause) {
        String state = cause.getSQLState() == null ? "" : cause.getSQLState();
        return new DatabaseException(messageOf(cause), state, cause);
    }

    /** The five characters of SQLSTATE, or empty where the driver gave none. */
    public String sqlState() {
        return sqlState;
    }

    /** Whether the server could not be reached or could not work. */
    @Override
    public boolean isTransient() {
        if (sqlState.equals(QUERY_CANCELED)) {
            return false;
        }
        return sqlState.isEmpty()
                || OUTAGE_CLASSES.contains(sqlState.substring(0, 2))
                || sqlState.equals(READ_ONLY_TRANSACTION)
                || sqlState.equals(IDLE_TIMEOUT)
                || sqlState.equals(TRANSACTION_TIMEOUT);
    }

    private static String messageOf(SQLException cause) {
        if (cause instanceof PSQLException refused) {
            ServerErrorMessage server = refused.getServerErrorMessage();
            if (server != null && server.getMessage() != null) {
                return server.getMessage();
            }
        }
        Throwable root = cause;
        while (root.getCause() instanceof SQLException inner) {
            root = inner;
        }
        String message = String.valueOf(root.getMessage());
        return message.lines().findFirst().orElse(message);
    }
}
