package io.pgmatch.rule;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Random rules of the whole language, and random tasks with few values, so that many are equal. */
final class RandomRules {
    private static final String ATTRIBUTES = """
            {"mode": {"type": "text", "oneOf": ["a", "b", "c"], "default": "a"},
             "team": {"type": "text", "optional": true},
             "side": {"type": "text", "oneOf": ["buy", "sell", "peer"]},
             "price": {"type": "number", "optional": true},
             "rating": {"type": "number", "default": 1},
             "flag": {"type": "boolean", "optional": true},
             "maps": {"type": "set", "default": []},
             "blocked": {"type": "set", "optional": true},
             "accepts": {"type": "range", "default": [null, 3]},
             "day": {"type": "time", "optional": true}}""";
    private static final int DEPTH_MAX = 3;

    private final Random random;

    RandomRules(long seed) {
        this.random = new Random(seed);
    }

    /** A rule as JSON. */
    String rule() {
        String sides = "{\"sides\": \"side\", \"pairs\": [[\"buy\", \"sell\"], [\"peer\", \"peer\"]]}";
        String match = Stream.concat(
                        random.nextInt(3) == 0 ? Stream.of(sides) : Stream.of(anyCaseOf(sides)),
                        Stream.generate(() -> condition(0)).limit(random.nextInt(3)))
                .collect(Collectors.joining(", "));
        String prefer = IntStream.range(0, random.nextInt(3))
                .mapToObj(i -> preference())
                .collect(Collectors.joining(", "));
        return "{\"attributes\": " + ATTRIBUTES + ", \"match\": [" + match + "], \"prefer\": [" + prefer
                + "], \"clock\": \"" + pick("each", "oldest", "newest") + "\"}";
    }

    /** A task's attributes as JSON. */
    String task() {
        return Stream.of(
                        "\"side\": \"" + pick("buy", "sell", "peer") + "\"",
                        maybe(() -> "\"mode\": \"" + pick("a", "b", "c") + "\""),
                        maybe(() -> "\"team\": \"" + pick("x", "y", "\uff5e", "\ud83d\ude00") + "\""),
                        maybe(() -> "\"price\": " + number()),
                        maybe(() -> "\"rating\": " + number()),
                        maybe(() -> "\"flag\": " + random.nextBoolean()),
                        maybe(() -> "\"maps\": [" + pick("", "\"x\"", "1, 2", "1.0, \"x\"") + "]"),
                        maybe(() -> "\"blocked\": [" + pick("", "\"x\"", "\"x\", \"y\"", "1") + "]"),
                        maybe(() -> "\"accepts\": " + pick("[null, null]", "[0, 2]", "[1.5, null]", "[null, 1]")),
                        maybe(() -> "\"day\": \"" + pick("2026-05-01", "2026-05-01T00:00:05Z", "2026-05-02T01:00+01:00")
                                + "\""))
                .filter(member -> !member.isEmpty())
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /** A wait of up to a minute, often a round one. */
    long waitMicros() {
        return random.nextBoolean() ? random.nextInt(61) * 1_000_000L : random.nextInt(60_000_000);
    }

    /** A whole number from 0 to less than {@code bound}. */
    long below(long bound) {
        return (long) (random.nextDouble() * bound);
    }

    private String anyCaseOf(String sides) {
        return "{\"any\": [" + sides + ", {\"not\": " + sides + "}]}";
    }

    private String condition(int depth) {
        String drop = random.nextInt(4) == 0 ? ", \"optionalAfter\": \"" + duration() + "\"" : "";
        return "{" + body(depth) + drop + "}";
    }

    private String body(int depth) {
        int kinds = depth < DEPTH_MAX ? 11 : 8;
        return switch (random.nextInt(kinds)) {
            case 0 -> "\"equal\": " + pick("\"mode\"", "\"team\"", "[\"mode\", \"rating\"]", "\"maps\"", "\"day\"");
            case 1 -> "\"different\": \"" + pick("mode", "team", "price", "accepts", "flag") + "\"";
            case 2 -> "\"distance\": \"" + pick("price", "rating") + "\", " + numberBound();
            case 3 -> "\"distance\": \"day\", " + timeBound();
            case 4 ->
                "\"compare\": [\"" + pick("buy.price", "buy.rating") + "\", \"" + pick("=", "!=", "<", "<=", ">", ">=")
                        + "\", \"" + pick("sell.price", "sell.rating") + "\"]";
            case 5 -> "\"overlap\": \"" + pick("maps", "blocked") + "\", \"min\": " + (1 + random.nextInt(2));
            case 6 -> "\"within\": \"" + pick("price", "rating") + "\", \"range\": \"accepts\"";
            case 7 -> "\"excludes\": \"" + pick("team", "price") + "\", \"list\": \"" + pick("maps", "blocked") + "\"";
            case 8 -> "\"not\": " + condition(depth + 1);
            case 9 -> "\"any\": [" + conditions(depth + 1) + "]";
            default -> "\"all\": [" + conditions(depth + 1) + "]";
        };
    }

    private String conditions(int depth) {
        return IntStream.range(0, 1 + random.nextInt(3))
                .mapToObj(i -> condition(depth))
                .collect(Collectors.joining(", "));
    }

    private String numberBound() {
        String key = pick("max", "maxPercent");
        String initial = "\"" + key + "\": " + pick("0", "0.5", "1");
        return switch (random.nextInt(4)) {
            case 0 -> initial;
            case 1 -> initial + ", \"widen\": " + phase("0.7", "2");
            case 2 -> initial + ", \"widen\": [" + phase("0.7", "2") + ", " + phase("10", "55.5") + "]";
            default ->
                initial + ", \"steps\": [{\"after\": \"7s\", \"" + key + "\": 1.5}, {\"after\": \"20s\", \"" + key
                        + "\": 60}]";
        };
    }

    private String timeBound() {
        return "\"max\": \"0s\", \"widen\": {\"every\": \"" + duration()
                + "\", \"by\": \"2s\", \"limit\": \"1d\"}".replace("2s", pick("5s", "3h", "23h"));
    }

    private String phase(String by, String limit) {
        return "{\"every\": \"" + duration() + "\", \"by\": " + by + ", \"limit\": " + limit + "}";
    }

    private String preference() {
        return pick(
                "\"oldest\"", "{\"nearest\": \"rating\"}", "{\"lowest\": \"sell.price\"}", "{\"highest\": \"day\"}");
    }

    private String number() {
        return pick("0", "0.5", "1", "1.0", "1e0", "2", "2.500", "-3", "100", "1.00000000000000001");
    }

    private String duration() {
        return pick("250ms", "1s", "2.5s", "7s", "30s", "1m");
    }

    private String maybe(Supplier<String> member) {
        return random.nextInt(4) == 0 ? "" : member.get();
    }

    private String pick(String... choices) {
        return List.of(choices).get(random.nextInt(choices.length));
    }
}
