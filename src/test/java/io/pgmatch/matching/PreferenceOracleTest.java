package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.rule.Rule;
import io.pgmatch.rule.Subject;
import io.pgmatch.store.PoolRows;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Transaction;
import io.pgmatch.testing.TestDatabase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A newcomer chooses among all that wait: whatever the rule, the preference and the batch, it gets the
 * partner that a look at every waiting task finds. Values are few, so that many tie, and some differ
 * only beyond the digits of a rank.
 */
final class PreferenceOracleTest {
    private static final Instant NOW = Instant.parse("2026-05-01T10:00:00Z");
    private static final int RULES = 60;
    private static final int WAITING_MAX = 700;
    private static final int NEWCOMERS_MAX = 25;
    private static final int ROUNDS_MAX = 1_000;

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @ParameterizedTest(name = "batch {0}")
    @ValueSource(ints = {1, 7, 1_000})
    void aNewcomerGetsWhomItPrefersAmongAllThatWait(int batch) {
        int chosen = 0;
        for (int seed = 0; seed < RULES; seed++) {
            Random random = new Random(1_000L * batch + seed);
            String json = rule(random);
            Rule rule = Rule.parse(json);
            String pool = "pool-" + seed;
            PoolRows.create(database.database(), pool, rule.source(), rule.compiled());
            List<String> values = values(random);
            List<Subject> waiting = insert(pool, rule, 1 + random.nextInt(WAITING_MAX), "w", "v", values, random);
            database.execute("UPDATE pgmatch.tasks SET search_at = 'infinity' WHERE pool = '" + pool + "'");
            List<Subject> newcomers = insert(pool, rule, 1 + random.nextInt(NEWCOMERS_MAX), "n", "n", values, random);

            List<String> expected = choices(rule, newcomers, waiting);
            // As if what came first had been enough so far, or had not: the search goes about it differently.
            ClaimFront front = new ClaimFront();
            front.noteCrowded(seed % 2 == 0);
            drain(new Round("oracle", batch, RoundSettings.defaults(), new Rules()), pool, front);

            assertThat(database.queryAll("SELECT second_id || ' takes ' || first_id FROM pgmatch.matched_pairs"
                            + " WHERE pool = '" + pool + "'"))
                    .as("seed %d, %s", seed, json)
                    .containsExactlyInAnyOrderElementsOf(expected);
            chosen += expected.size();
        }
        assertThat(chosen).as("pairs").isGreaterThan(5 * RULES);
    }

    /** Whom each newcomer takes, one after the other, by the judge's word on every single task. */
    private static List<String> choices(Rule rule, List<Subject> newcomers, List<Subject> waiting) {
        List<Subject> free = new ArrayList<>(waiting);
        List<String> choices = new ArrayList<>();
        for (Subject newcomer : newcomers) {
            Optional<Subject> best = free.stream()
                    .filter(partner -> rule.accepts(newcomer, partner, NOW))
                    .min(rule.preference(newcomer));
            if (best.isPresent()) {
                free.remove(best.get());
                choices.add(newcomer.id() + " takes " + best.get().id());
            }
        }
        return choices;
    }

    /** Those of one kind are not paired with one another, so all that wait may wait together. */
    private static String rule(Random random) {
        boolean narrowed = random.nextBoolean();
        String sides = "{\"sides\": \"kind\", \"pairs\": [[\"n\", \"w\"], [\"n\", \"v\"]]"
                + (narrowed || random.nextInt(3) > 0 ? "" : ", \"optionalAfter\": \"1h\"") + "}";
        List<String> match = new ArrayList<>();
        match.add("{\"different\": \"group\"}");
        boolean hasSides = narrowed || random.nextBoolean();
        if (hasSides) {
            match.add(sides);
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            match.add(condition(random, hasSides));
        }
        String prefer = Stream.generate(() -> preference(random, hasSides))
                .limit(random.nextInt(4))
                .collect(Collectors.joining(", "));
        return """
                {"attributes": {"kind": {"type": "text"}, "group": {"type": "text"},
                                "mode": {"type": "text"}, "a": {"type": "number"%s},
                                "b": {"type": "number"%s}, "t": {"type": "time", "optional": true},
                                "r": {"type": "range", "default": [null, null]},
                                "tag": {"type": "text"}, "blocked": {"type": "set"}},
                 "match": [%s], "prefer": [%s]}""".formatted(
                        pick(random, ", \"optional\": true", ", \"default\": 0.1"),
                        pick(random, ", \"optional\": true", ", \"default\": 2"),
                        String.join(", ", match),
                        prefer);
    }

    private static String condition(Random random, boolean hasSides) {
        String plain = pick(
                random,
                "{\"equal\": \"mode\"}",
                "{\"distance\": \"a\", \"max\": " + pick(random, "0", "0.2", "1", "30") + "}",
                "{\"distance\": \"b\", \"max\": " + pick(random, "0.2", "1", "30") + "}",
                "{\"distance\": \"b\", \"maxPercent\": " + pick(random, "0", "20", "60") + "}",
                "{\"distance\": \"a\", \"max\": 1, \"optionalAfter\": \"1h\"}",
                "{\"distance\": \"t\", \"max\": " + pick(random, "\"1s\"", "\"1d\"") + "}",
                "{\"within\": \"b\", \"range\": \"r\"}",
                "{\"excludes\": \"tag\", \"list\": \"blocked\"}",
                "{\"excludes\": \"tag\", \"list\": \"blocked\"}",
                "{\"excludes\": \"tag\", \"list\": \"blocked\"}");
        String compare = "{\"compare\": [\"n." + pick(random, "a", "b") + "\", \""
                + pick(random, "=", "<", "<=", ">", ">=") + "\", \"w." + pick(random, "a", "b") + "\"]}";
        return hasSides && random.nextInt(4) == 0 ? compare : plain;
    }

    private static String preference(Random random, boolean hasSides) {
        String name = pick(random, "a", "b", "t");
        String operand = hasSides ? pick(random, name, name, "w." + name, "v." + name, "n." + name) : name;
        return random.nextInt(6) == 0
                ? "\"oldest\""
                : "{\"" + pick(random, "nearest", "nearest", "lowest", "highest") + "\": \"" + operand + "\"}";
    }

    /** The numbers of a pool: ever few, and often some that no rank tells apart. */
    private static List<String> values(Random random) {
        List<String> all = List.of(
                "0.1",
                "0.10",
                "0.1000000000000000055",
                "0.09999999999999999999",
                "0.1000000000000000056",
                "0",
                "1",
                "1.2",
                "-3",
                "2.5",
                "2",
                "31",
                "9007199254740992",
                "9007199254740993",
                "9007199254740993.5",
                "123456789012345678",
                "123456789012345679",
                "-0.3",
                "1e-30",
                "-1",
                "3",
                "4",
                "5",
                "6",
                "7",
                "5e99");
        return Stream.generate(() -> all.get(random.nextInt(all.size())))
                .limit(1 + random.nextInt(12))
                .toList();
    }

    private List<Subject> insert(
            String pool, Rule rule, int count, String kind, String otherKind, List<String> values, Random random) {
        List<String> tasks = Stream.generate(() -> task(kind, otherKind, values, random))
                .limit(count)
                .toList();
        List<String> ids = database.queryAll("INSERT INTO pgmatch.tasks (pool, attributes, inserted_at) VALUES "
                + tasks.stream()
                        .map(task -> "('" + pool + "', '" + task + "', '" + NOW + "')")
                        .collect(Collectors.joining(", "))
                + " RETURNING id");
        List<Subject> subjects = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            subjects.add(rule.subject(Long.parseLong(ids.get(i)), tasks.get(i), NOW));
        }
        return subjects;
    }

    private static String task(String kind, String otherKind, List<String> values, Random random) {
        String tag = random.nextInt(60) > 0 ? "x" : pick(random, "y", "z");
        return Stream.of(
                        "\"kind\": \"" + pick(random, kind, otherKind) + "\"",
                        "\"group\": \"" + (kind.equals("n") ? "n" : "w") + "\"",
                        "\"mode\": \"" + (random.nextInt(4) > 0 ? "p" : "q") + "\"",
                        "\"tag\": \"" + tag + "\"",
                        "\"blocked\": [" + (kind.equals("n") ? pick(random, "", "\"x\"", "\"x\", \"y\"") : "") + "]",
                        maybe(random, "\"a\": " + values.get(random.nextInt(values.size()))),
                        maybe(random, "\"b\": " + values.get(random.nextInt(values.size()))),
                        maybe(
                                random,
                                "\"t\": \"2026-05-0" + (1 + random.nextInt(4)) + "T00:00:0" + random.nextInt(2)
                                        + "Z\""),
                        maybe(random, "\"r\": " + pick(random, "[null, 2]", "[0.1, null]", "[0, 1.2]")))
                .filter(member -> !member.isEmpty())
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private void drain(Round round, String pool, ClaimFront front) {
        for (int i = 0; i < ROUNDS_MAX; i++) {
            try (Transaction transaction = database.database().begin()) {
                if (round.run(transaction, pool, new ClaimMark(front), NOW).claimed() == 0) {
                    return;
                }
            }
        }
        throw new AssertionError("not at rest after " + ROUNDS_MAX + " rounds");
    }

    private static String maybe(Random random, String member) {
        return random.nextInt(5) == 0 ? "" : member;
    }

    private static String pick(Random random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
