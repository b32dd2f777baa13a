package io.pgmatch.bench;

import io.pgmatch.model.PgmatchException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Plain statements, each in a transaction of its own. Thread-safe. */
public final class Sql {
    private final DataSource source;

    /** Statements on connections of that source. */
    public Sql(DataSource source) {
        this.source = source;
    }

    /** What is done with a connection. */
    @FunctionalInterface
    public interface Work<T extends @Nullable Object> {
        /** Does it. */
        T on(Connection connection) throws SQLException;
    }

    /** Does something with a connection. */
    public <T extends @Nullable Object> T with(Work<T> work) {
        try (Connection connection = source.getConnection()) {
            return work.on(connection);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Runs a statement; returns how many rows it changed. */
    public long execute(String sql, Object... parameters) {
        return with(connection -> execute(connection, sql, parameters));
    }

    /** The same on a connection in hand. */
    public static long execute(Connection connection, String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            set(statement, parameters);
            return statement.execute() ? 0 : statement.getLargeUpdateCount();
        }
    }

    /** The first column of all rows, as text. */
    public List<String> texts(String sql, Object... parameters) {
        return with(connection -> {
            List<String> values = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                set(statement, parameters);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        values.add(rows.getString(1));
                    }
                }
            }
            return values;
        });
    }

    /** The first column of the first row, as text. */
    public String text(String sql, Object... parameters) {
        return texts(sql, parameters).get(0);
    }

    /** The same as a whole number. */
    public long number(String sql, Object... parameters) {
        return Long.parseLong(text(sql, parameters));
    }

    /** What to throw where a statement failed. */
    static PgmatchException failed(SQLException failure) {
        return new PgmatchException("bench: " + failure.getMessage(), failure);
    }

    private static void set(PreparedStatement statement, Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
    }
}
