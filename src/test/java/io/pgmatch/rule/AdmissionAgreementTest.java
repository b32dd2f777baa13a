package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The judge and the insert trigger agree: on what is of a type, on when values are equal, on which
 * tasks a declaration refuses; and narrowing, which the database does, excludes nobody whom the judge
 * accepts.
 */
class AdmissionAgreementTest {
    private static final int RANDOM_VALUES = 400;
    private static final int RANDOM_NUMBERS = 2_000;
    private static final int RULES = 240;
    private static final Instant START = Judging.START.plusSeconds(60);
    private static final int TASKS = 25;

    private static EmbeddedPostgres postgres;
    private static Connection connection;

    private int meetings;

    @BeforeAll
    static void start() throws IOException, SQLException {
        postgres = EmbeddedPostgres.start();
        Flyway.configure()
                .dataSource(postgres.getPostgresDatabase())
                .defaultSchema("pgmatch")
                .locations("filesystem:db/migrations")
                .load()
                .migrate();
        connection = postgres.getPostgresDatabase().getConnection();
    }

    @AfterAll
    static void stop() throws IOException, SQLException {
        connection.close();
        postgres.close();
    }

    @Test
    void theSameValuesAreOfATypeAndEqual() throws SQLException, IOException {
        List<String> values = values();
        for (Type type : Type.values()) {
            List<Object> typed = new ArrayList<>();
            List<String> canonical = new ArrayList<>();
            for (String value : values) {
                Object read = read(value, type);
                String theirs = canonical(value, type);
                assertThat(read != null).as("%s is a %s", value, type.word()).isEqualTo(theirs != null);
                if (read != null && theirs != null) {
                    typed.add(read);
                    canonical.add(theirs);
                }
            }
            assertThat(typed).hasSizeGreaterThan(1);
            for (int i = 0; i < typed.size(); i++) {
                for (int j = 0; j < i; j++) {
                    assertThat(typed.get(i).equals(typed.get(j)))
                            .as("%s equals %s as %s", typed.get(i), typed.get(j), type.word())
                            .isEqualTo(canonical.get(i).equals(canonical.get(j)));
                }
            }
        }
    }

    @Test
    void theSameTasksAreAdmittedAndNarrowingExcludesNobodyWhomTheJudgeAccepts() throws SQLException {
        int admitted = 0;
        for (int seed = 0; seed < RULES; seed++) {
            RandomRules random = new RandomRules(seed);
            Rule rule = seed % 2 == 0 ? Rule.parse(random.rule()) : equalRule(seed);
            String pool = "pool-" + seed;
            createPool(pool, rule);
            List<Subject> subjects = new ArrayList<>();
            List<Derived> derived = new ArrayList<>();
            for (int id = 1; id <= TASKS; id++) {
                String task = damaged(random.task(), id + seed);
                Derived row = insert(pool, task);
                assertThat(admits(rule, task)).as("%s in %s", task, rule).isEqualTo(row != null);
                if (row != null) {
                    admitted++;
                    subjects.add(rule.subject(id, task, START.minus(random.waitMicros(), ChronoUnit.MICROS)));
                    derived.add(row);
                }
            }
            assertNobodyIsExcluded(rule, subjects, derived);
        }
        assertThat(admitted).isBetween(RULES * TASKS / 4, RULES * TASKS * 9 / 10);
        assertThat(meetings).as("pairs that were accepted").isGreaterThan(RULES);
    }

    @Test
    void ranksAreTheSameKeepTheOrderAndTellShortNumbersApart() throws SQLException {
        List<BigDecimal> numbers = numbers();
        BigDecimal before = null;
        for (BigDecimal number : numbers) {
            double rank = Rank.of(number);
            assertThat(rank).as("rank of %s", number).isEqualTo(rankInDatabase(number));
            assertThat(Rank.of(number.negate())).isEqualTo(0 - rank);
            assertThat(number).isBetween(Rank.lowest(rank, Type.NUMBER), Rank.highest(rank, Type.NUMBER));
            BigDecimal only = Rank.value(rank, Type.NUMBER);
            assertThat(only == null || only.compareTo(number) == 0)
                    .as("%s is the only one of its rank, %s", only, number)
                    .isTrue();
            if (number.stripTrailingZeros().precision() <= 15) {
                assertThat(only).as("of %s", number).isNotNull();
            }
            if (before != null) {
                assertThat(Rank.of(before)).as("%s before %s", before, number).isLessThanOrEqualTo(rank);
            }
            before = number;
        }
    }

    /** In order: short numbers, each with longer ones around it that no double tells from it. */
    private static List<BigDecimal> numbers() {
        TreeSet<BigDecimal> numbers = new TreeSet<>();
        Random random = new Random(1);
        for (int i = 0; i < RANDOM_NUMBERS; i++) {
            int digits = 1 + random.nextInt(20);
            BigDecimal number = new BigDecimal(new BigInteger(3 * digits, random), random.nextInt(60) - 30);
            numbers.add(number);
            numbers.add(number.round(new MathContext(1 + random.nextInt(17))));
            BigDecimal rank = new BigDecimal(number.doubleValue());
            BigDecimal little = rank.ulp().max(number.movePointLeft(14 + random.nextInt(6)));
            numbers.add(number.add(little).round(new MathContext(40)));
            numbers.add(number.subtract(little).round(new MathContext(40)).abs());
        }
        numbers.removeIf(
                number -> number.scale() > 100 || number.stripTrailingZeros().scale() > 100);
        return List.copyOf(numbers);
    }

    private static double rankInDatabase(BigDecimal number) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT pgmatch.rank_of(to_jsonb(?::numeric))")) {
            query.setBigDecimal(1, number);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getDouble(1);
            }
        }
    }

    private void assertNobodyIsExcluded(Rule rule, List<Subject> subjects, List<Derived> derived) {
        for (int i = 0; i < subjects.size(); i++) {
            for (int j = 0; j < i; j++) {
                boolean mayMeet =
                        derived.get(i).seeks(derived.get(j)) && derived.get(j).seeks(derived.get(i));
                for (Instant now : List.of(START, START.plusSeconds(11), START.plusSeconds(3_600))) {
                    if (rule.accepts(subjects.get(i), subjects.get(j), now)) {
                        meetings++;
                        assertThat(mayMeet).as("buckets in %s", rule).isTrue();
                        assertInRange(rule, subjects.get(i), derived.get(i), derived.get(j), now);
                        assertInRange(rule, subjects.get(j), derived.get(j), derived.get(i), now);
                    } else if (rule.isNarrowedExactly()) {
                        assertThat(mayMeet).as("buckets in %s", rule).isFalse();
                    }
                }
            }
        }
    }

    private static void assertInRange(Rule rule, Subject seeker, Derived own, Derived partner, Instant now) {
        List<Stretch> stretches = rule.stretches(seeker, now);
        assertThat(stretches).hasSameSizeAs(own.seeks());
        RankRange ranks = stretches.get(own.seeks().indexOf(partner.bucket())).ranks();
        assertThat(ranks.contains(partner.rank()))
                .as("rank %s in %s of %s", partner.rank(), ranks, rule)
                .isTrue();
    }

    /** A rule of nothing but equality, whose buckets decide alone. */
    private static Rule equalRule(int seed) {
        List<String> names = List.of("mode", "team", "price", "maps", "accepts", "day", "flag");
        String name = names.get(seed / 2 % names.size());
        List<String> types = List.of("text", "text", "number", "set", "range", "time", "boolean");
        return Rule.parse("{\"attributes\": {\"justEqual\": {\"type\": \"text\", \"default\": \"\"}, \"" + name
                + "\": {\"type\": \"" + types.get(names.indexOf(name)) + "\", \"optional\": true}},"
                + " \"match\": [{\"equal\": [\"justEqual\", \"" + name + "\"]}]}");
    }

    /** The task with one of its values replaced, now and then. */
    private static String damaged(String task, int seed) {
        Random random = new Random(seed);
        return switch (random.nextInt(6)) {
            case 0 -> task.replace("\"mode\": \"c\"", "\"mode\": \"d\"");
            case 1 -> task.replace("\"side\"", "\"sides\"");
            case 2 -> task.replace("\"price\": 1,", "\"price\": \"1\",");
            case 3 -> task.replace("\"maps\": [1, 2]", "\"maps\": [1, null]");
            case 4 -> task.replace("\"side\": \"buy\"", "\"side\": null");
            default -> task;
        };
    }

    private static boolean admits(Rule rule, String task) {
        try {
            rule.check(task);
            return true;
        } catch (RuleException e) {
            return false;
        }
    }

    private static void createPool(String pool, Rule rule) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO pgmatch.pools (pool, rule, compiled) VALUES (?, ?::jsonb, ?::jsonb)")) {
            insert.setString(1, pool);
            insert.setString(2, rule.source());
            insert.setString(3, rule.compiled());
            insert.executeUpdate();
        }
    }

    /** What the database derived of a task that it took. */
    private record Derived(@Nullable Long bucket, List<Long> seeks, double rank) {
        boolean seeks(Derived other) {
            return other.bucket() != null && seeks.contains(other.bucket());
        }
    }

    private static @Nullable Derived insert(String pool, String task) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO pgmatch.tasks (pool, attributes) VALUES (?, ?::jsonb) RETURNING bucket, seeks, rank")) {
            insert.setString(1, pool);
            insert.setString(2, task);
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                Long[] seeks = (Long[]) row.getArray(2).getArray();
                return new Derived(row.getObject(1, Long.class), List.of(seeks), row.getDouble(3));
            }
        } catch (SQLException e) {
            assertThat(e.getMessage()).contains("pool \"" + pool + "\", attribute \"");
            return null;
        }
    }

    /** The database's one spelling of a value, or null if it is not of the type. */
    private static @Nullable String canonical(String value, Type type) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT CASE WHEN pgmatch.is_of_type(v, t) THEN pgmatch.canonical(v, t)::text END"
                        + " FROM (SELECT ?::jsonb AS v, ?::text AS t) AS given")) {
            query.setString(1, value);
            query.setString(2, type.word());
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static @Nullable Object read(String value, Type type) throws IOException {
        try (JsonParser parser = RuleJson.parser(value)) {
            parser.nextToken();
            return ValueReader.read(parser, type);
        }
    }

    private static List<String> values() throws SQLException {
        Set<String> values = new LinkedHashSet<>(List.of(
                "0",
                "-0",
                "0.0",
                "-0.00e5",
                "1",
                "1.0",
                "1.00",
                "1e0",
                "10e-1",
                "1500",
                "1.5e3",
                "1.5E+3",
                "-7.25",
                "1e100",
                "-1e100",
                "1.0000000001e100",
                "1e101",
                "1e-100",
                "1.1e-100",
                "1e-101",
                "0." + "0".repeat(300),
                "0.5" + "0".repeat(300),
                "123456789012345678901234567890",
                "0.1",
                "0.30000000000000004",
                "9223372036854775807",
                "9223372036854775808",
                "true",
                "false",
                "\"true\"",
                "\"\"",
                "\"a\"",
                "\"A\"",
                "\"é\"",
                "\"e\\u0301\"",
                "\"\\ud83d\\ude00\"",
                "{}",
                "{\"a\": 1}",
                "[]",
                "[[]]",
                "[{}]",
                "[true]",
                "[\"a\"]",
                "[\"a\", \"a\"]",
                "[1, \"a\"]",
                "[\"a\", 1.0]",
                "[\"1\"]",
                "[1]",
                "[1.0, 1]",
                "[1e101]",
                "[null]",
                "[null, null]",
                "[1, null]",
                "[1.0, null]",
                "[null, 2]",
                "[1, 2]",
                "[1.0, 2.00]",
                "[2, 1]",
                "[1, 1.0]",
                "[1, 2, 3]",
                "[1, \"2\"]",
                "[null, 1e101]",
                "[-1e100, 1e100]",
                "\"2026-05-01\"",
                "\"2026-05-01T00:00Z\"",
                "\"2026-05-01T00:00\"",
                "\"2026-05-01t02:00:00.000+0200\"",
                "\"2026-05-01T00:00:00.000001z\"",
                "\"2026-05-01T00:00:00.0000001Z\"",
                "\"2026-02-29\"",
                "\"2024-02-29\"",
                "\"1900-02-29\"",
                "\"0001-01-01T00:00+14:59\"",
                "\"0000-01-01\"",
                "\"9999-12-31T23:59:59.999999-14:59\"",
                "\"2026-05-01T24:00\"",
                "\"2026-05-01T23:60\"",
                "\"2026-05-01T23:59:60\"",
                "\"2026-05-01T23:59:59.\"",
                "\"2026-05-01T10:00+15:00\"",
                "\"2026-05-01T10:00-00:30\"",
                "\"2026-05-01T10:30\"",
                "\"2026-05-01T10:00+14:60\"",
                "\"2026-05-01Z\"",
                "\"2026-05-01 10:00\"",
                "\" 2026-05-01\"",
                "\"2026-05-01\\n\"",
                "\"2026-05-01T10:00:00+2\"",
                "\"now\"",
                "\"infinity\"",
                "\"2026-13-01\"",
                "\"2026-00-01\"",
                "\"2026-01-00\"",
                "\"2026-1-1\"",
                "\"02026-05-01\"",
                "\"٢٠٢٦-05-01\""));
        Random random = new Random(1);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'America/New_York'");
        }
        for (int i = 0; i < RANDOM_VALUES; i++) {
            values.add("\"%04d-%02d-%02dT%02d:%02d:%02d.%d%s\""
                    .formatted(
                            random.nextInt(1, 9_999),
                            random.nextInt(1, 14),
                            random.nextInt(1, 33),
                            random.nextInt(25),
                            random.nextInt(61),
                            random.nextInt(61),
                            random.nextInt(1_000_000),
                            List.of("Z", "+01:30", "-1200", "").get(random.nextInt(4))));
        }
        return List.copyOf(values);
    }
}
