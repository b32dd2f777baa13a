package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.rule.Rule;
import io.pgmatch.store.Database;
import io.pgmatch.store.PoolRows;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Transaction;
import io.pgmatch.testing.TestDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a newcomer and a sleeper cost, by what is read on their behalf and when. */
class FlatCostTest {
    private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");
    private static final int FEW = 40;
    private static final int MANY = 4_000;
    private static final int CROWD = 1_000;
    private static final int ROWS_MORE = 4;

    /** Columns of a search: the page that a row is of, and how many rows of it were read by then. */
    private static final String PAGE = "place";

    private static final String PASSED = "passed";

    @RegisterExtension
    private final TestDatabase database = new TestDatabase();

    private final AtomicLong candidates = new AtomicLong();
    private final AtomicLong searches = new AtomicLong();

    /** A rule, what waits as an SQL expression of n, and a newcomer that fits one of them. */
    static Stream<Arguments> narrowableRules() {
        return Stream.of(
                rule(
                        "equal",
                        "{'k': {'type': 'number'}}",
                        "{'equal': 'k'}",
                        "'oldest'",
                        "jsonb_build_object('k', n)",
                        "{'k': 7}"),
                rule(
                        "sides",
                        "{'s': {'type': 'text'}, 'k': {'type': 'number'}}",
                        "{'sides': 's', 'pairs': [['a', 'b'], ['c', 'd']]}",
                        "{'nearest': 'k'}",
                        "jsonb_build_object('s', CASE n WHEN 7 THEN 'a' ELSE 'c' END, 'k', n)",
                        "{'s': 'b', 'k': 1}"),
                rule(
                        "distance",
                        "{'k': {'type': 'number'}}",
                        "{'distance': 'k', 'max': 10}",
                        "{'nearest': 'k'}",
                        "jsonb_build_object('k', 100 * n)",
                        "{'k': 701}"),
                rule(
                        "distance in percent",
                        "{'k': {'type': 'number'}}",
                        "{'distance': 'k', 'maxPercent': 1}",
                        "{'highest': 'k'}",
                        "jsonb_build_object('k', trunc(10 * 1.02 ^ (n % 4000), 3))",
                        "{'k': 11.5}"),
                rule(
                        "within",
                        "{'k': {'type': 'number'}, 'r': {'type': 'range'}}",
                        "{'within': 'k', 'range': 'r'}",
                        "{'lowest': 'k'}",
                        "jsonb_build_object('k', 100 * n, 'r', jsonb_build_array(0, 100 * n - 1 + 2 * (n = 7)::int))",
                        "{'k': 700, 'r': [650, 750]}"),
                rule(
                        "compare",
                        "{'s': {'type': 'text'}, 'k': {'type': 'number'}}",
                        "{'sides': 's', 'pairs': [['buy', 'sell']]}, {'compare': ['buy.k', '>=', 'sell.k']}",
                        "{'lowest': 'sell.k'}",
                        "jsonb_build_object('s', 'sell', 'k', 100 * n)",
                        "{'s': 'buy', 'k': 150}"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("narrowableRules")
    void aNewcomerCostsTheSameHoweverManyWait(String name, String rule, String waiting, String newcomer) {
        long few = candidatesFor("few", rule, waiting, FEW, newcomer);
        long many = candidatesFor("many", rule, waiting, MANY, newcomer);

        assertThat(few).isPositive();
        assertThat(many).isLessThanOrEqualTo(few);
    }

    /** Every condition that narrows, with every preference. */
    static Stream<Arguments> rulesWithPreferences() {
        return Stream.of(
                        "{'equal': 'mode'}",
                        "{'distance': 'a', 'max': 25}",
                        "{'distance': 'a', 'maxPercent': 5}",
                        "{'within': 'a', 'range': 'r'}",
                        "{'compare': ['buy.a', '>=', 'sell.a']}")
                .flatMap(condition -> Stream.of(
                                "'oldest'",
                                "{'nearest': 'a'}",
                                "{'nearest': 'a'}, 'oldest'",
                                "{'lowest': 'a'}",
                                "{'highest': 'a'}",
                                "{'nearest': 'b'}",
                                "{'lowest': 'sell.b'}",
                                "{'highest': 'b'}")
                        .map(preference -> Arguments.of(condition, preference)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("rulesWithPreferences")
    void aNewcomerChoosesAmongManyAtTheCostOfChoosingAmongFew(String condition, String preference) {
        String rule = json("""
                {'attributes': {'side': {'type': 'text'}, 'mode': {'type': 'text', 'default': 'x'},
                                'a': {'type': 'number'}, 'b': {'type': 'number'},
                                'r': {'type': 'range', 'default': [null, null]}},
                 'match': [{'sides': 'side', 'pairs': [['buy', 'sell']]}, %s], 'prefer': [%s]}""".formatted(condition, preference));

        Cost few = costOfChoosing("few", rule, CROWD);
        Cost many = costOfChoosing("many", rule, 5 * CROWD);

        assertThat(few.rows()).isPositive();
        assertThat(many.statements()).isLessThanOrEqualTo(few.statements());
        assertThat(many.rows()).isLessThanOrEqualTo(few.rows() + ROWS_MORE);
    }

    private Cost costOfChoosing(String pool, String rule, int count) {
        create(pool, rule);
        insertParked(pool, count, "jsonb_build_object('side', 'sell', 'a', n * 7919 % 1000, 'b', n * 7907 % 997)");
        database.execute("INSERT INTO pgmatch.tasks (pool, attributes, inserted_at) VALUES ('" + pool
                + "', '{\"side\": \"buy\", \"a\": 500, \"b\": 400, \"r\": [450, 550]}', '" + START + "')");
        return costOfARound(pool);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'oldest'", "{'nearest': 'a'}", "{'nearest': 'b'}"})
    void whatANewcomerMayNeedIsReadInOneStatementWhereMuchWaitedForTheOneBefore(String preference) {
        create("p", json("""
                {'attributes': {'side': {'type': 'text'}, 'a': {'type': 'number'}, 'b': {'type': 'number'}},
                 'match': [{'sides': 'side', 'pairs': [['buy', 'sell']]}, {'distance': 'a', 'max': 25}],
                 'prefer': [%s]}""".formatted(preference)));
        insertParked(
                "p",
                CROWD,
                "jsonb_build_object('side', 'sell', 'b', n, 'a', CASE WHEN n > 2 THEN n * 7919 % 1000 ELSE 5000 END)");
        ClaimFront front = new ClaimFront();

        Cost amongMany = costOfBuying(500, front);
        assertThat(front.isCrowded()).isTrue();
        runDry(front);
        assertThat(costOfBuying(500, front).statements()).isEqualTo(1);
        assertThat(amongMany.statements()).isEqualTo(2);

        Cost amongFewAfterMany = costOfBuying(5_000, front);
        assertThat(front.isCrowded()).isFalse();
        runDry(front);
        Cost amongFew = costOfBuying(5_000, front);
        assertThat(amongFew).isEqualTo(new Cost(1, 1));
        assertThat(amongFewAfterMany.statements()).isEqualTo(1);
    }

    private Cost costOfBuying(int a, ClaimFront front) {
        database.execute("INSERT INTO pgmatch.tasks (pool, attributes, inserted_at)"
                + " VALUES ('p', '{\"side\": \"buy\", \"b\": 400, \"a\": " + a + "}', '" + START + "')");
        return costOfARound("p", front);
    }

    private void runDry(ClaimFront front) {
        try (Transaction transaction = database.database().begin()) {
            assertThat(round().run(transaction, "p", new ClaimMark(front), START))
                    .isEqualTo(Round.Outcome.NOTHING);
        }
    }

    private Cost costOfARound(String pool) {
        return costOfARound(pool, new ClaimFront());
    }

    private Cost costOfARound(String pool, ClaimFront front) {
        candidates.set(0);
        searches.set(0);
        Round round = round();
        try (Transaction transaction = new Database(counting(database.dataSource())).begin()) {
            assertThat(round.run(transaction, pool, new ClaimMark(front), START).pairs())
                    .isEqualTo(1);
        }
        return new Cost(candidates.get(), searches.get());
    }

    /** What a round read to find a partner. */
    private record Cost(long rows, long statements) {}

    @Test
    void aSleeperIsClaimedExactlyWhenItsRuleNextChangesAndNotBefore() {
        create(
                "p",
                json("{'attributes': {'k': {'type': 'number'}}, 'match': [{'distance': 'k', 'max': 1,"
                        + " 'widen': {'every': '5s', 'by': 1, 'limit': 3}}, {'equal': 'k', 'optionalAfter': '7s'}]}"));
        database.execute("INSERT INTO pgmatch.tasks (pool, attributes, inserted_at) VALUES ('p', '{\"k\": 1}', '"
                + START + "')");
        Round round = round();

        assertThat(run(round, START).claimed()).isEqualTo(1);
        for (long wakesAfterMicros : new long[] {5_000_000, 7_000_000, 10_000_000}) {
            Instant wakesAt = START.plusNanos(wakesAfterMicros * 1_000);
            assertThat(database.query("SELECT search_at = '" + wakesAt + "' FROM pgmatch.tasks"))
                    .isEqualTo("t");
            assertThat(run(round, wakesAt.minusNanos(1_000)).claimed()).isZero();
            assertThat(run(round, wakesAt).claimed()).isEqualTo(1);
        }
        assertThat(database.query("SELECT search_at FROM pgmatch.tasks")).isEqualTo("infinity");
    }

    private long candidatesFor(String pool, String rule, String waiting, int count, String newcomer) {
        create(pool, rule);
        insertParked(pool, count, waiting);
        database.execute("INSERT INTO pgmatch.tasks (pool, attributes, inserted_at) VALUES ('" + pool + "', '"
                + newcomer + "', '" + START + "')");
        return costOfARound(pool).rows();
    }

    /** Tasks that have been searched for, of which nobody may be paired with anybody. */
    private void insertParked(String pool, int count, String attributes) {
        // Parked by a trigger after the one that admits them: to update them all would take twice as long.
        database.execute("""
                CREATE FUNCTION park() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN NEW.search_at := $$infinity$$; RETURN NEW; END';
                CREATE TRIGGER park BEFORE INSERT ON pgmatch.tasks FOR EACH ROW EXECUTE FUNCTION park();
                INSERT INTO pgmatch.tasks (pool, attributes, inserted_at)
                    SELECT '%s', %s, '%s' FROM generate_series(1, %d) AS n;
                DROP TRIGGER park ON pgmatch.tasks;
                DROP FUNCTION park()""".formatted(pool, attributes, START, count));
    }

    private static Round round() {
        return new Round("flat", 100, RoundSettings.defaults(), new Rules());
    }

    private Round.Outcome run(Round round, Instant now) {
        try (Transaction transaction = database.database().begin()) {
            return round.run(transaction, "p", new ClaimMark(new ClaimFront()), now);
        }
    }

    private void create(String pool, String json) {
        Rule rule = Rule.parse(json);
        PoolRows.create(database.database(), pool, rule.source(), rule.compiled());
    }

    private static Arguments rule(
            String name, String attributes, String match, String prefer, String waiting, String newcomer) {
        String rule = "{'attributes': " + attributes + ", 'match': [" + match + "], 'prefer': [" + prefer + "]}";
        return Arguments.of(name, json(rule), waiting, json(newcomer));
    }

    private static String json(String singleQuoted) {
        return singleQuoted.replace('\'', '"');
    }

    /** Counts the rows that searches read. */
    private DataSource counting(DataSource source) {
        return proxy(
                DataSource.class,
                source,
                result -> result instanceof Connection connection
                        ? proxy(Connection.class, connection, this::countingStatement)
                        : result);
    }

    private Object countingStatement(Object result) {
        if (!(result instanceof PreparedStatement statement)
                || !statement.toString().contains("WITH ORDINALITY")) {
            return result;
        }
        searches.incrementAndGet();
        return proxy(
                PreparedStatement.class,
                statement,
                rows -> rows instanceof ResultSet found ? countingRows(found) : rows);
    }

    private ResultSet countingRows(ResultSet rows) {
        Map<Integer, Integer> passed = new HashMap<>();
        return proxy(ResultSet.class, rows, value -> {
            if (Boolean.TRUE.equals(value)) {
                // Searches in the order of preference say how many rows of the page they read by then.
                int columns = rows.getMetaData().getColumnCount();
                boolean tells = rows.getMetaData().getColumnLabel(columns).equals(PASSED);
                int before = passed.getOrDefault(rows.getInt(PAGE), 0);
                int now = tells ? rows.getInt(PASSED) : before + 1;
                passed.put(rows.getInt(PAGE), now);
                candidates.addAndGet(now - before);
            }
            return value;
        });
    }

    private interface Wrapping {
        Object wrap(Object result) throws SQLException;
    }

    private static <T> T proxy(Class<T> type, T target, Wrapping wrapping) {
        return type.cast(Proxy.newProxyInstance(
                FlatCostTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Object result = invoke(target, method, arguments);
                    return result == null ? null : wrapping.wrap(result);
                }));
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
