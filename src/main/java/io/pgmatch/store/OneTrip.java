package io.pgmatch.store;

import io.pgmatch.store.RoundStatement.RowReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Statements that are sent together, so that they take one round trip. The server runs them one after the
 * other, each with a snapshot of its own, and after one that fails no other: what is committed with them is committed only
 * if all went well. Used by one thread, once.
 */
final class OneTrip {
    /** Stands between statements. */
    static final String SEPARATOR = ";\n";

    private static final String COMMIT = "COMMIT";

    private final List<String> statements = new ArrayList<>();
    private final List<@Nullable Object> values = new ArrayList<>();

    /** Of each statement, who reads its rows. */
    private final List<RowReader> readers = new ArrayList<>();

    private boolean commits;

    /** Adds a query. */
    OneTrip query(RoundStatement statement, RowReader reader, @Nullable Object... itsValues) {
        statements.add(statement.sql());
        readers.add(reader);
        Collections.addAll(values, itsValues);
        return this;
    }

    /** Adds a change. */
    OneTrip change(RoundStatement statement, @Nullable Object... itsValues) {
        return query(statement, row -> {}, itsValues);
    }

    /** Adds the commit, after which nothing may follow. */
    OneTrip commit() {
        statements.add(COMMIT);
        readers.add(row -> {});
        commits = true;
        return this;
    }

    /** Sends them, and waits for all answers. */
    void run(Transaction transaction) {
        run(transaction.connection());
        if (commits) {
            transaction.noteCommitted();
        }
    }

    /** The same on a connection in autocommit mode: the server makes one transaction of them. */
    void run(Connection connection) {
        RoundStatement all = new RoundStatement(String.join(SEPARATOR, statements));
        try (PreparedStatement statement = all.prepare(connection, values.toArray())) {
            boolean hasRows = statement.execute();
            for (RowReader reader : readers) {
                if (hasRows) {
                    try (ResultSet rows = statement.getResultSet()) {
                        while (rows.next()) {
                            reader.read(rows);
                        }
                    }
                }
                hasRows = statement.getMoreResults();
            }
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }
}
