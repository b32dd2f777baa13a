package io.pgmatch.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jooq.Configuration;
import org.jooq.DSLContext;
import org.jooq.ExecuteContext;
import org.jooq.ExecuteListener;
import org.jooq.SQLDialect;
import org.jooq.conf.Settings;
import org.jooq.impl.DSL;
import org.jooq.impl.DefaultConfiguration;
import org.jooq.impl.DefaultConnectionProvider;

/**
 * Where connections come from, and how jOOQ speaks over them. Errors of the driver come out as
 * {@link DatabaseException}. Safe for use by several threads.
 */
public final class Database {
    static {
        // jOOQ greets in the log of whoever uses it, unless told not to before its first use.
        for (String greeting : List.of("org.jooq.no-logo", "org.jooq.no-tips")) {
            if (System.getProperty(greeting) == null) {
                System.setProperty(greeting, "true");
            }
        }
    }

    private final DataSource source;
    private final Configuration configuration;

    /** A database whose connections, in autocommit mode as is the default, come from {@code source}. */
    public Database(DataSource source) {
        this.source = source;
        this.configuration = new DefaultConfiguration()
                .set(SQLDialect.POSTGRES)
                .set(new Settings().withExecuteLogging(false))
                .set(new Translator());
    }

    /** Begins a transaction at the server's default isolation; the server hears of it with the first statement. */
    public Transaction begin() {
        try {
            Connection connection = source.getConnection();
            return Transaction.begin(connection, dsl(connection));
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    /** Begins a transaction that reads one snapshot throughout and writes nothing. */
    public Transaction beginSnapshot() {
        Transaction transaction = begin();
        try {
            transaction.dsl().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            return transaction;
        } catch (RuntimeException e) {
            transaction.close();
            throw e;
        }
    }

    /** Runs statements that each commit by themselves. */
    public <T> T run(Function<DSLContext, T> work) {
        try (Connection connection = source.getConnection()) {
            return work.apply(dsl(connection));
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    /** The data source itself, for what jOOQ does not do: migrations, LISTEN. */
    public DataSource source() {
        return source;
    }

    private DSLContext dsl(Connection connection) {
        return DSL.using(configuration.derive(new DefaultConnectionProvider(connection)));
    }

    /** Turns what the driver threw into our own exception, wherever jOOQ meets it. */
    private static final class Translator implements ExecuteListener {
        private static final long serialVersionUID = 1L;

        @Override
        public void exception(ExecuteContext context) {
            SQLException cause = context.sqlException();
            if (cause != null) {
                context.exception(DatabaseException.of(cause));
            }
        }
    }
}
