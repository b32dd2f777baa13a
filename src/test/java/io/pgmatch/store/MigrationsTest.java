package io.pgmatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The habits of db/migrations: numbered without a gap, and everything they make explained. */
final class MigrationsTest {
    private static final Pattern NAME = Pattern.compile("V(\\d{3})__[a-z0-9_]+\\.sql");

    /** Flyway's own table, which is Flyway's to explain. */
    private static final String HISTORY = "schema_history";

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @Test
    void theVersionOfTheBuildIsThatOfTheLastFile() throws IOException {
        List<Integer> versions = files().stream().map(MigrationsTest::version).toList();

        assertThat(versions)
                .as("numbers of the files in db/migrations")
                .isEqualTo(IntStream.rangeClosed(1, Schema.VERSION).boxed().toList());
        assertThat(new Schema(database.database()).version()).isEqualTo(Schema.VERSION);
    }

    @Test
    void everyFileIsInsideTheJar() throws IOException {
        for (String file : files()) {
            assertThat(Schema.class.getClassLoader().getResource("db/migrations/" + file))
                    .as(file)
                    .isNotNull();
        }
    }

    @Test
    void everyTableIsExplained() {
        assertThat(database.queryAll("""
                SELECT c.relname FROM pg_class AS c
                WHERE c.relnamespace = 'pgmatch'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
                  AND c.relname <> '%s' AND obj_description(c.oid, 'pg_class') IS NULL
                """.formatted(HISTORY)))
                .as("tables without a comment")
                .isEmpty();
    }

    @Test
    void everyColumnIsExplained() {
        assertThat(database.queryAll("""
                SELECT c.relname || '.' || a.attname
                FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
                WHERE c.relnamespace = 'pgmatch'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
                  AND c.relname <> '%s' AND a.attnum > 0 AND NOT a.attisdropped
                  AND col_description(c.oid, a.attnum) IS NULL
                """.formatted(HISTORY)))
                .as("columns without a comment")
                .isEmpty();
    }

    @Test
    void everyFunctionIsExplained() {
        assertThat(database.queryAll("""
                SELECT p.proname FROM pg_proc AS p
                WHERE p.pronamespace = 'pgmatch'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL
                """)).as("functions without a comment").isEmpty();
    }

    /** An index that no constraint needs was made for a query: its comment says for which. */
    @Test
    void everyIndexOfItsOwnIsExplained() {
        assertThat(database.queryAll("""
                SELECT c.relname FROM pg_class AS c JOIN pg_index AS i ON i.indexrelid = c.oid
                JOIN pg_class AS t ON t.oid = i.indrelid
                WHERE c.relnamespace = 'pgmatch'::regnamespace AND t.relname <> '%s'
                  AND obj_description(c.oid, 'pg_class') IS NULL
                  AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = c.oid)
                """.formatted(HISTORY)))
                .as("indexes without a comment")
                .isEmpty();
    }

    private static List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("db/migrations"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static int version(String file) {
        var matcher = NAME.matcher(file);
        assertThat(matcher.matches()).as(file + " is named as the others are").isTrue();
        return Integer.parseInt(matcher.group(1));
    }
}
