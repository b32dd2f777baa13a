import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.jooq.codegen.GenerationTool;
import org.jooq.meta.jaxb.Configuration;
import org.jooq.meta.jaxb.Database;
import org.jooq.meta.jaxb.Generate;
import org.jooq.meta.jaxb.Generator;
import org.jooq.meta.jaxb.Jdbc;
import org.jooq.meta.jaxb.Target;

/**
 * Generates the jOOQ classes from the migrations: bundled Postgres, Flyway, jOOQ's generator.
 *
 * <p>Run by the build as {@code GenerateJooq MIGRATIONS OUTPUT JOOQ_VERSION}. Does nothing when the
 * output was made from the same migrations by the same jOOQ.
 */
final class GenerateJooq {
    private static final String PACKAGE = "io.pgmatch.store.generated";

    public static void main(String[] args) throws Exception {
        Path migrations = Path.of(args[0]);
        Path output = Path.of(args[1]);
        String fingerprint = fingerprint(migrations, args[2]);
        Path stamp = output.resolve("fingerprint");
        if (Files.exists(stamp) && Files.readString(stamp).equals(fingerprint)) {
            return;
        }
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            String url = postgres.getJdbcUrl("postgres", "postgres");
            Flyway.configure()
                    .dataSource(postgres.getPostgresDatabase())
                    .defaultSchema("pgmatch")
                    .locations("filesystem:" + migrations)
                    .load()
                    .migrate();
            GenerationTool.generate(new Configuration()
                    .withJdbc(new Jdbc().withDriver("org.postgresql.Driver").withUrl(url))
                    .withGenerator(new Generator()
                            .withDatabase(
                                    new Database().withInputSchema("pgmatch").withExcludes("flyway_schema_history"))
                            .withGenerate(new Generate().withRoutines(false).withRecords(false))
                            .withTarget(new Target().withPackageName(PACKAGE).withDirectory(output.toString()))));
        }
        Files.writeString(stamp, fingerprint);
    }

    private static String fingerprint(Path migrations, String jooqVersion) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(jooqVersion.getBytes());
        List<Path> files;
        try (var listing = Files.list(migrations)) {
            files = listing.sorted().toList();
        }
        for (Path file : files) {
            digest.update(Files.readAllBytes(file));
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
