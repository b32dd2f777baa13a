package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.rule.Rule;
import io.pgmatch.store.PoolRows;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Transaction;
import io.pgmatch.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * L3: one worker gives exactly the result of the plain sequential loop, whatever the batch, the rule,
 * the tasks that are parked already and those that arrive in between.
 */
final class OracleTest {
    private static final String POOL = "oracle";
    private static final List<String> MODES = List.of("blitz", "bullet", "rapid", "classical", "daily");
    private static final int BACKLOG_MIN = 10_000;
    private static final int ROUNDS_MAX = 10_000;

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void endThreads() {
        threads.shutdown();
    }

    /** The loop of the contract, written without any of pgmatch. */
    private static final class PlainLoop {
        private final BiPredicate<String, String> legal;
        private final TreeMap<Long, String> waiting = new TreeMap<>();
        private final List<String> pairs = new ArrayList<>();

        PlainLoop(BiPredicate<String, String> legal) {
            this.legal = legal;
        }

        void add(long id, String key) {
            waiting.put(id, key);
        }

        void run() {
            boolean found = true;
            while (found) {
                found = false;
                for (Map.Entry<Long, String> one : waiting.entrySet()) {
                    Long partner = lowestPartner(one);
                    if (partner != null) {
                        pairs.add(Math.min(one.getKey(), partner) + "-" + Math.max(one.getKey(), partner));
                        waiting.remove(partner);
                        waiting.remove(one.getKey());
                        found = true;
                        break;
                    }
                }
            }
        }

        private Long lowestPartner(Map.Entry<Long, String> one) {
            for (Map.Entry<Long, String> other : waiting.entrySet()) {
                if (!other.getKey().equals(one.getKey()) && legal.test(one.getValue(), other.getValue())) {
                    return other.getKey();
                }
            }
            return null;
        }
    }

    @ParameterizedTest(name = "batch {0} in steps of {1}, seed {2}")
    @CsvSource({
        "1, 1, 1",
        "1, 1, 2",
        "1, 1, 3",
        "7, 7, 1",
        "7, 7, 2",
        "7, 2, 3",
        "7, 3, 4",
        "7, 7, 5",
        "1000, 1000, 1",
        "1000, 1000, 2",
        "1000, 10, 3",
        "1000, 60, 4",
        "1000, 300, 5",
        "1000, 1000, 6",
        "20000, 10, 7",
        "20000, 60, 8",
        "20000, 2000, 9"
    })
    void oneWorkerPairsLikeThePlainLoop(int batch, int step, long seed) {
        Random random = new Random(seed * 1_000 + batch);
        List<String> equal = randomEqualities(random);
        Rule rule = Rule.parse(ruleOf(equal));
        PoolRows.create(database.database(), POOL, rule.source(), rule.compiled());
        PlainLoop oracle = new PlainLoop((one, other) -> one.equals(other) && !one.contains("null"));
        Round round = round(batch, step);

        int values = 1 + random.nextInt(40);
        int left = 1 + random.nextInt(2_000);
        while (left > 0) {
            int arriving = Math.min(left, 1 + random.nextInt(left));
            insert(arriving, values, equal, random, oracle);
            left -= arriving;
            drainAndCompare(round, batch, oracle);
        }
        assertAtRest(oracle);
    }

    @ParameterizedTest(name = "batch {0} in steps of {1}, sides {2}, seed {3}")
    @CsvSource({
        "1, 1, ab ac, 1",
        "1, 1, ab cd, 2",
        "1, 4000, ab ac, 10",
        "4, 2, ab ac, 3",
        "4, 4, ab cd, 3",
        "7, 3, ab cd, 4",
        "100, 10, ab ac, 5",
        "1000, 60, ab cd, 6",
        "1000, 1000, ab ac, 7",
        "20000, 10, ab cd, 8",
        "20000, 60, ab ac, 9",
        "20000, 60, ab cd, 9"
    })
    void oneWorkerPairsSidesLikeThePlainLoop(int batch, int step, String sides, long seed) {
        Random random = new Random(seed);
        List<String> pairs = List.of(sides.split(" "));
        Rule rule = Rule.parse("""
                {"attributes": {"side": {"type": "text"}, "level": {"type": "number"}},
                 "match": [{"equal": "level"}, {"sides": "side", "pairs": %s}]}""".formatted(pairs.stream()
                .map(pair -> "[\"%s\", \"%s\"]".formatted(pair.charAt(0), pair.charAt(1)))
                .toList()));
        PoolRows.create(database.database(), POOL, rule.source(), rule.compiled());
        PlainLoop oracle = new PlainLoop((one, other) -> mayMeet(pairs, one, other));
        Round round = round(batch, step);

        insertSides(60, "b", random, oracle);
        drainAndCompare(round, batch, oracle);
        for (String front : List.of("c", "a", "c")) {
            // One side in front of the others: its tasks are sought far ahead.
            insertSides(100, front, random, oracle);
            insertSides(150, "abcd", random, oracle);
            drainAndCompare(round, batch, oracle);
        }
        assertAtRest(oracle);
    }

    private Round round(int batch, int step) {
        return new Round(
                "oracle",
                new Round.Bounds(batch, step, Round.CLAIMING_TIME, 1, Round.BRIEF_MAX),
                RoundSettings.defaults(),
                new Rules(),
                threads);
    }

    /** Keys are a side and a level. */
    private static boolean mayMeet(List<String> pairs, String one, String other) {
        return one.substring(1).equals(other.substring(1))
                && (pairs.contains("" + one.charAt(0) + other.charAt(0))
                        || pairs.contains("" + other.charAt(0) + one.charAt(0)));
    }

    private void insertSides(int count, String sides, Random random, PlainLoop oracle) {
        List<String> keys = new ArrayList<>();
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            char side = sides.charAt(random.nextInt(sides.length()));
            int level = random.nextInt(4);
            keys.add(side + "" + level);
            rows.add("('%s', '{\"side\": \"%s\", \"level\": %s}')".formatted(POOL, side, level));
        }
        insert(rows, keys, oracle);
    }

    private void insert(List<String> rows, List<String> keys, PlainLoop oracle) {
        List<String> ids = database.queryAll(
                "INSERT INTO pgmatch.tasks (pool, attributes) VALUES " + String.join(", ", rows) + " RETURNING id");
        for (int i = 0; i < rows.size(); i++) {
            oracle.add(Long.parseLong(ids.get(i)), keys.get(i));
        }
    }

    private void drainAndCompare(Round round, int batch, PlainLoop oracle) {
        oracle.run();
        drain(round, batch);
        assertThat(database.queryAll("SELECT first_id || '-' || second_id FROM pgmatch.matched_pairs"))
                .containsExactlyInAnyOrderElementsOf(oracle.pairs);
    }

    private void assertAtRest(PlainLoop oracle) {
        assertThat(database.queryAll("SELECT id FROM pgmatch.tasks"))
                .containsExactlyInAnyOrderElementsOf(
                        oracle.waiting.keySet().stream().map(String::valueOf).toList());
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks WHERE search_at <> 'infinity'"))
                .as("whoever is left is parked")
                .isZero();
    }

    private static List<String> randomEqualities(Random random) {
        List<String> names = new ArrayList<>(List.of("mode", "level", "rated"));
        while (names.size() > random.nextInt(4)) {
            names.remove(random.nextInt(names.size()));
        }
        return names;
    }

    private static String ruleOf(List<String> equal) {
        String match = equal.isEmpty() ? "" : "{\"equal\": [\"" + String.join("\", \"", equal) + "\"]}";
        return """
                {"attributes": {"mode": {"type": "text", "optional": true}, "level": {"type": "number"},
                                "rated": {"type": "boolean", "default": true}},
                 "match": [%s]}""".formatted(match);
    }

    private void insert(int count, int values, List<String> equal, Random random, PlainLoop oracle) {
        List<String> rows = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String mode = random.nextInt(10) == 0 ? null : MODES.get(random.nextInt(Math.min(values, 5)));
            int level = random.nextInt(values);
            Boolean rated = random.nextBoolean() ? random.nextBoolean() : null;
            // The same number may be written in several ways.
            String written = level + (random.nextBoolean() ? ".0" : "");
            rows.add("('%s', '{\"level\": %s%s%s}')"
                    .formatted(
                            POOL,
                            written,
                            mode == null ? "" : ", \"mode\": \"" + mode + "\"",
                            rated == null ? "" : ", \"rated\": " + rated));
            List<String> parts = new ArrayList<>();
            parts.add(equal.contains("mode") ? String.valueOf(mode) : "");
            parts.add(equal.contains("level") ? String.valueOf(level) : "");
            parts.add(equal.contains("rated") ? String.valueOf(rated == null || rated) : "");
            keys.add(String.join("|", parts));
        }
        insert(rows, keys, oracle);
    }

    /** Whether nobody is to be searched for again: those that have backed off will be, a moment later. */
    private boolean isAtRest() {
        return database.count("SELECT count(*) FROM pgmatch.tasks WHERE search_at < 'infinity'") == 0;
    }

    /** Rounds of many are optimistic, as they are in the middle of a backlog. */
    private void drain(Round round, int batch) {
        ClaimMark mark = new ClaimMark(new ClaimFront());
        for (int i = 0; i < ROUNDS_MAX; i++) {
            mark.front().noteBacklog(batch > BACKLOG_MIN);
            try (Transaction transaction = database.database().begin()) {
                Round.Outcome outcome = round.run(transaction, POOL, mark);
                if (outcome.claimed() == 0 && isAtRest()) {
                    return;
                }
            }
        }
        throw new AssertionError("not at rest after " + ROUNDS_MAX + " rounds");
    }
}
