package io.pgmatch.store;

import io.pgmatch.model.PendingMigration;
import io.pgmatch.model.PgmatchException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** The schema pgmatch and its migrations, which are inside the jar. */
public final class Schema {
    private static final String LOCATION = "db/migrations";
    private static final String HISTORY = "schema_history";

    /** The version this build was made for: that of the last file in db/migrations. */
    public static final int VERSION = 2;

    private final Database database;

    /** The schema of that database. */
    public Schema(Database database) {
        this.database = database;
    }

    /** Applies the migrations that have not been applied; returns their file names. */
    public List<String> migrate() {
        List<String> names = pending().stream().map(PendingMigration::name).toList();
        try {
            configuration(true).load().migrate();
        } catch (FlywayException e) {
            throw failed(e);
        }
        return names;
    }

    /** The migrations that have not been applied, in order. */
    public List<PendingMigration> pending() {
        refuseNewer(version());
        try {
            List<PendingMigration> pending = new ArrayList<>();
            for (MigrationInfo migration : configuration(false).load().info().pending()) {
                pending.add(new PendingMigration(migration.getScript(), text(migration.getScript())));
            }
            return pending;
        } catch (FlywayException e) {
            throw failed(e);
        }
    }

    /** The version of the schema, 0 if there is none. */
    public int version() {
        return database.run(dsl -> {
            boolean exists = dsl.fetchSingle("SELECT to_regclass('pgmatch.schema_history') IS NOT NULL")
                    .get(0, Boolean.class);
            if (!exists) {
                return 0;
            }
            return dsl.fetchSingle("""
                            SELECT coalesce(max(version::int), 0)
                            FROM pgmatch.schema_history WHERE success AND version IS NOT NULL
                            """).get(0, Integer.class);
        });
    }

    /** Throws unless the schema is the one this build was made for; the message says what to do. */
    public void require() {
        int version = version();
        refuseNewer(version);
        if (version == 0) {
            throw new PgmatchException("schema: wanted version " + VERSION
                    + ", got a database without the schema pgmatch; create it with: pgmatch migrate");
        }
        if (version < VERSION) {
            throw new PgmatchException("schema: wanted version " + VERSION + ", got version " + version
                    + "; bring it up to date with: pgmatch migrate");
        }
    }

    private static void refuseNewer(int version) {
        if (version > VERSION) {
            throw new PgmatchException("schema: wanted version " + VERSION + " at most, got version " + version
                    + ", which a newer pgmatch has made; use that one");
        }
    }

    private FluentConfiguration configuration(boolean create) {
        return Flyway.configure()
                .dataSource(database.source())
                .defaultSchema("pgmatch")
                .createSchemas(create)
                .table(HISTORY)
                .locations("classpath:" + LOCATION);
    }

    private static String text(String script) {
        try (InputStream file = Schema.class.getClassLoader().getResourceAsStream(LOCATION + "/" + script)) {
            if (file == null) {
                throw new PgmatchException("migration " + script + ": wanted it inside the jar, got nothing");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new PgmatchException("migration " + script + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static PgmatchException failed(FlywayException e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof SQLException refused
                ? DatabaseException.of(refused)
                : new PgmatchException("migrate: " + cause.getMessage(), e);
    }
}
