package io.pgmatch.bench;

import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The rules that pools are drained under, and what waits in them. */
enum DrainRule {
    /** Equal on one number. */
    EQUAL("""
            {"attributes": {"k": {"type": "number"}}, "match": [{"equal": "k"}]}
            """) {
        @Override
        String attributes(int tasks, int values) {
            String value =
                    2L * values >= tasks ? "n % " + Math.max(1, tasks / 2) : "floor(random() * " + values + ")::int";
            return "jsonb_build_object('k', " + value + ")";
        }
    },

    /** Ratings from 1000 to 2000, at most 25 apart, the nearest first. */
    DISTANCE("""
            {"attributes": {"rating": {"type": "number"}},
             "match": [{"distance": "rating", "max": 25}],
             "prefer": [{"nearest": "rating"}]}
            """) {
        @Override
        String attributes(int tasks, int values) {
            return "jsonb_build_object('rating', round((1000 + random() * 1000)::numeric, 1))";
        }
    },

    /** All buys in front of all sells, of 1,000 symbols. */
    SIDES("""
            {"attributes": {"side": {"type": "text", "oneOf": ["buy", "sell"]}, "symbol": {"type": "number"}},
             "match": [{"equal": "symbol"}, {"sides": "side", "pairs": [["buy", "sell"]]}]}
            """) {
        @Override
        String attributes(int tasks, int values) {
            return "jsonb_build_object('side', CASE WHEN n <= " + tasks / 2
                    + " THEN 'buy' ELSE 'sell' END, 'symbol', floor(random() * 1000)::int)";
        }
    };

    private final String rule;

    DrainRule(String rule) {
        this.rule = rule;
    }

    /** The rule as JSON. */
    String rule() {
        return rule;
    }

    /** What waits: the attributes of the task with number n, as SQL. */
    abstract String attributes(int tasks, int values);

    /** Reads the name of a rule. */
    static final class Converter implements ITypeConverter<DrainRule> {
        @Override
        public DrainRule convert(String text) {
            return Arrays.stream(values())
                    .filter(rule -> rule.name().equalsIgnoreCase(text))
                    .findFirst()
                    .orElseThrow(
                            () -> new TypeConversionException("wanted equal, distance or sides, got \"" + text + "\""));
        }
    }
}
