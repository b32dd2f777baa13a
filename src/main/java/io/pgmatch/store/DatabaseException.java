package io.pgmatch.store;

import io.pgmatch.model.PgmatchException;
import java.sql.SQLException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
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

    /** Errors that say nothing of the data: of transactions, locks, rights, the schema, the server. */
    private static final Set<String> BLAMELESS_CLASSES =
            Set.of("0A", "25", "28", "2D", "3D", "3F", "40", "42", "55", "57", "F0", "XX");

    private static final Pattern COPY_LINE = Pattern.compile("COPY tasks\\D{0,20}([0-9]{1,9})");

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

    /**
     * Whether what failed is an outage. Looks at the causes, too: where jOOQ reads what a result is
     * like, it wraps an error of the driver by itself, and {@link Database} does not get to see it.
     */
    public static boolean isOutage(Throwable fault) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof PgmatchException known) {
                return known.isTransient();
            }
            if (cause instanceof SQLException refused) {
                return of(refused).isTransient();
            }
        }
        return false;
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

    /**
     * Which line of a COPY was refused, counted from 1; 0 if that is not known, or not what happened. The
     * server says it in the language that it is set to, so this may miss one.
     */
    public int copyLine() {
        ServerErrorMessage server = server();
        if (server == null || server.getWhere() == null) {
            return 0;
        }
        Matcher line = COPY_LINE.matcher(server.getWhere());
        return line.find() ? Integer.parseInt(line.group(1)) : 0;
    }

    /**
     * Whether what was to be inserted is at fault: the same data will be refused again, other data
     * will not.
     */
    public boolean blamesData() {
        return !isTransient()
                && server() != null
                && !BLAMELESS_CLASSES.contains(sqlState.substring(0, Math.min(2, sqlState.length())));
    }

    /** Whether another transaction was in the way; the same statement may well succeed now. */
    public boolean isConflict() {
        return sqlState.startsWith("40") || sqlState.startsWith("55") || sqlState.equals(QUERY_CANCELED);
    }

    /** The message, and what the server added to it, in one line. */
    public String reason() {
        ServerErrorMessage server = server();
        String detail = server == null ? null : server.getDetail();
        String message = String.valueOf(getMessage());
        return detail == null ? message : message + ": " + detail.replaceAll("\\s+", " ");
    }

    private @Nullable ServerErrorMessage server() {
        return getCause() instanceof PSQLException refused ? refused.getServerErrorMessage() : null;
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
