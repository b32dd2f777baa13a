package io.pgmatch.bench;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.matching.SingleRounds;
import io.pgmatch.model.PgmatchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flat}: what a pair costs while few wait, and while a million do. */
@Command(
        description = {
            "Times the round that finds and makes one pair, while few tasks wait that fit nobody else and while many"
                    + " do; server and round trips, without the time that the disk takes for the commit."
        })
public final class FlatScenario implements Scenario {
    /*
     * Each size is a table of its own: nothing else waits in it. The smallest is measured before the others and once
     * more after them, and each round holds the largest against the mean of the two, lest a machine that
     * has become slower or faster meanwhile be taken for a cost. Whoever leaves with a newcomer is replaced,
     * so as many wait all the time.
     */
    private static final String ALL = "all";
    private static final int WAITING_MAX = 100_000_000;
    private static final int PAIRS_MAX = 100_000;
    /** Before each size, for the plans; and once before all of them, for the compiler of Java. */
    private static final int WARM_UP_PAIRS = 100;

    private static final int FIRST_WARM_UP_PAIRS = 1_500;
    private static final int FIRST_WARM_UP_PAIRS_EACH = 20;
    private static final double BLOCK_SECONDS_MAX = 5;

    /** Waiting tasks that go through trigger and parking, which take longer than everything else together. */
    private static final int DERIVED_MAX = 100_000;

    /** What issue and documents ask of the plainest rule. */
    private static final double PLAIN_MOST = 1.2;

    /** And of every rule that can be narrowed, under every preference. */
    private static final double ANY_MOST = 1.5;

    @Option(
            names = "--rule",
            paramLabel = "RULE",
            description = "equal, sides, distance, within, compare, or all of them; default: ${DEFAULT-VALUE}.",
            defaultValue = "equal")
    private String rule = "";

    @Option(
            names = "--prefer",
            paramLabel = "WHOM",
            description = "oldest, nearest, lowest, highest, or all of them; default: ${DEFAULT-VALUE}.",
            defaultValue = "oldest")
    private String preference = "";

    @Option(
            names = "--waiting",
            paramLabel = "A,B",
            split = ",",
            hideParamSyntax = true,
            description = "How many wait, from few to many; default: ${DEFAULT-VALUE}.",
            defaultValue = "1000,10000,100000,1000000")
    private List<Integer> sizes = List.of();

    @Option(
            names = "--pairs",
            paramLabel = "N",
            description = "Pairs that make a round's figure, their median; fewer where they take more than five"
                    + " seconds. Default: ${DEFAULT-VALUE}.",
            defaultValue = "50")
    private int pairs;

    @Mixin
    private Rounds rounds = new Rounds();

    @Override
    public String name() {
        return "flat";
    }

    @Override
    public void check() {
        rounds.check();
        requireOneOf("--rule", rule, FlatCase.RULES);
        requireOneOf("--prefer", preference, FlatCase.PREFERENCES);
        Rounds.requireWithin("--pairs", pairs, 1, PAIRS_MAX);
        sizes.forEach(size -> Rounds.requireWithin("--waiting", size, 1, WAITING_MAX));
        if (!sizes.equals(sizes.stream().distinct().sorted().toList()) || sizes.size() < 2) {
            throw new IllegalArgumentException("--waiting: wanted two or more numbers that grow, got " + sizes);
        }
    }

    @Override
    public Result run(Bench bench) {
        List<Figure> ratios = new ArrayList<>();
        List<Figure> absolutes = new ArrayList<>();
        List<FlatCase> cases = FlatCase.of(chosen(rule, FlatCase.RULES), chosen(preference, FlatCase.PREFERENCES));
        warmUp(bench, cases.get(0));
        for (FlatCase flat : cases) {
            measure(bench, flat, ratios, absolutes);
        }
        ratios.addAll(absolutes);
        return new Result(
                ratios,
                List.of(
                        "A round's figure is the median of " + pairs + " pairs, fewer where they take more than "
                                + Figure.shown(BLOCK_SECONDS_MAX) + " s. The ratio is that of the largest number to the"
                                + " smallest, measured before and after.",
                        "Commits do not wait for the disk here (synchronous_commit off for this session alone): its time"
                                + " is the same whatever waits, and would hide a difference.",
                        "Of those that wait, the ones beyond %,d are copies of the first, on a server of the"
                                        .formatted(DERIVED_MAX)
                                + " benchmark's own; on another one all go through the trigger.",
                        "many: all that wait would do, and the newcomer's preference chooses. one: one would do, the"
                                + " others differ from it in what the rule is about."));
    }

    private void warmUp(Bench bench, FlatCase flat) {
        try (BenchPool pool = bench.createPool("flat", flat.rule())) {
            park(bench, pool, flat, 0, sizes.get(0));
            try (HikariDataSource source = bench.open(1)) {
                int count = Math.min(FIRST_WARM_UP_PAIRS, FIRST_WARM_UP_PAIRS_EACH * pairs);
                bench.progress().begin("warming up", 1);
                block(session(source), new SingleRounds(source), pool, flat, count);
            }
        }
    }

    private void measure(Bench bench, FlatCase flat, List<Figure> ratios, List<Figure> absolutes) {
        Map<Integer, List<Double>> millis = new LinkedHashMap<>();
        try (BenchPool pool = bench.createPool("flat", flat.rule())) {
            int waiting = 0;
            for (int size : sizes) {
                park(bench, pool, flat, waiting, size);
                waiting = size;
                millis.put(size, blocks(bench, pool, flat, size));
            }
        }
        int few = sizes.get(0);
        int many = sizes.get(sizes.size() - 1);
        List<Double> after;
        try (BenchPool pool = bench.createPool("flat", flat.rule())) {
            park(bench, pool, flat, 0, few);
            after = blocks(bench, pool, flat, few);
        }
        List<Double> before = millis.get(few);
        List<Double> most = millis.get(many);
        List<Double> ratio = IntStream.range(0, rounds.count())
                .mapToObj(i -> most.get(i) / ((before.get(i) + after.get(i)) / 2))
                .toList();
        ratios.add(Figure.of(flat.name(), "times the cost among " + "%,d".formatted(few), ratio)
                .mustReach(Target.atMost(flat.isPlain() ? PLAIN_MOST : ANY_MOST)));
        millis.forEach((size, values) ->
                absolutes.add(Figure.of(flat.name() + ", %,d wait".formatted(size), "ms a pair", values)
                        .at(flat.name(), size)));
    }

    /**
     * Has more tasks wait: they have been searched for, and nobody fits them. Those beyond a hundred thousand are
     * copies, unless the server is somebody else's: there we may not switch triggers off.
     */
    private static void park(Bench bench, BenchPool pool, FlatCase flat, int from, int to) {
        int inserted = bench.hasOwnServer() ? Math.max(from, Math.min(to, DERIVED_MAX)) : to;
        if (inserted > from) {
            pool.insert(flat.waiting(), from + 1, inserted - from);
            bench.progress().begin("parking", 1);
            bench.sql()
                    .execute(
                            "UPDATE pgmatch.tasks SET search_at = 'infinity'"
                                    + " WHERE pool = ? AND search_at = '-infinity'",
                            pool.name());
        }
        if (to > inserted) {
            pool.copyParked(DERIVED_MAX, to - inserted);
        }
        bench.settle();
    }

    private List<Double> blocks(Bench bench, BenchPool pool, FlatCase flat, int size) {
        try (HikariDataSource source = bench.open(1)) {
            Sql sql = session(source);
            SingleRounds singles = new SingleRounds(source);
            bench.progress().begin(flat.name() + ", %,d wait".formatted(size), rounds.count() + 1L);
            block(sql, singles, pool, flat, Math.min(WARM_UP_PAIRS, 2 * pairs));
            List<Double> millis = new ArrayList<>();
            for (int i = 0; i < rounds.count(); i++) {
                bench.progress().at(i + 1L);
                millis.add(block(sql, singles, pool, flat, pairs));
            }
            return millis;
        }
    }

    /** One session, in which commits do not wait for the disk. */
    private static Sql session(HikariDataSource source) {
        Sql sql = new Sql(source);
        sql.execute("SET synchronous_commit = off");
        return sql;
    }

    /** The median time of so many rounds, each of which makes one pair. */
    private static double block(Sql sql, SingleRounds singles, BenchPool pool, FlatCase flat, int pairs) {
        double[] millis = new double[pairs];
        int count = 0;
        for (double total = 0; count < pairs && total < BLOCK_SECONDS_MAX * 1e3; count++) {
            long partner = sql.number(insert(flat.partner()), pool.name());
            sql.execute(
                    "UPDATE pgmatch.tasks SET search_at = 'infinity' WHERE pool = ? AND id = ?", pool.name(), partner);
            sql.number(insert(flat.newcomer()), pool.name());
            long start = System.nanoTime();
            int made = singles.run(pool.name());
            millis[count] = (System.nanoTime() - start) / 1e6;
            total += millis[count];
            if (made != 1) {
                throw new PgmatchException("bench: wanted a round to make one pair, it made " + made);
            }
        }
        double[] measured = Arrays.copyOf(millis, count);
        Arrays.sort(measured);
        return measured[count / 2];
    }

    private static String insert(String attributes) {
        return "INSERT INTO pgmatch.tasks (pool, attributes) VALUES (?, " + attributes + ") RETURNING id";
    }

    private static List<String> chosen(String word, List<String> all) {
        return word.equals(ALL) ? all : List.of(word);
    }

    private static void requireOneOf(String option, String word, List<String> words) {
        if (!word.equals(ALL) && !words.contains(word)) {
            throw new IllegalArgumentException(
                    option + ": wanted " + String.join(", ", words) + " or all, got \"" + word + "\"");
        }
    }
}
