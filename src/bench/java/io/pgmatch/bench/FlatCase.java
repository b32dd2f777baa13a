package io.pgmatch.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A rule, and tasks that wait in a newcomer's way and are nobody's partners among themselves: either all of them would
 * do, and the newcomer must choose by its preference, or one among them does, as far as a rule of that kind lets the
 * search tell them apart. All rules have two sides, since otherwise those who wait would have been paired.
 *
 * @param name rule, preference and situation
 * @param rule the rule as JSON
 * @param waiting the attributes of those who wait, as SQL of a number n
 * @param partner those of one who would do, to take the place of the one who leaves with the newcomer
 * @param newcomer those of the newcomer
 */
record FlatCase(String name, String rule, String waiting, String partner, String newcomer) {
    /** The kinds of rules. */
    static final List<String> RULES = List.of("equal", "sides", "distance", "within", "compare");

    /** What of several a newcomer may prefer. */
    static final List<String> PREFERENCES = List.of("oldest", "nearest", "lowest", "highest");

    private static final Map<String, String> CONDITIONS = Map.of(
            "equal", ", {\"equal\": \"k\"}",
            "sides", "",
            "distance", ", {\"distance\": \"r\", \"max\": 25}",
            "within", ", {\"within\": \"r\", \"range\": \"accepts\"}",
            "compare", ", {\"compare\": [\"buy.r\", \">=\", \"sell.r\"]}");

    private static final String SOMEWHERE = "round((1000 + random() * 1000)::numeric, 2)";
    private static final String ANY = "'[0, null]'::jsonb";

    /** Both situations of a rule under a preference. */
    static List<FlatCase> of(String rule, String preference) {
        return List.of(many(rule, preference), one(rule, preference));
    }

    /** Both situations of every combination. */
    static List<FlatCase> of(List<String> rules, List<String> preferences) {
        List<FlatCase> cases = new ArrayList<>();
        for (String rule : rules) {
            for (String preference : preferences) {
                cases.addAll(of(rule, preference));
            }
        }
        return cases;
    }

    /** Whether it is the rule without anything to choose by. */
    boolean isPlain() {
        return name.startsWith("equal, oldest, ");
    }

    private static FlatCase many(String rule, String preference) {
        String seller = switch (rule) {
            case "distance" -> task("sell", "1", "round((1480 + random() * 40)::numeric, 3)", ANY);
            default -> task("sell", "1", SOMEWHERE, ANY);
        };
        // As a buyer who pays whatever is asked, where that is compared.
        String newcomer = task("buy", "1", rule.equals("compare") ? "2500" : "1500", ANY);
        return new FlatCase(rule + ", " + preference + ", many", json(rule, preference), seller, seller, newcomer);
    }

    private static FlatCase one(String rule, String preference) {
        String waiting = rule.equals("sides") ? task("bid", "1", "100 * n", ANY) : task("sell", "n", "100 * n", ANY);
        String partner = task("sell", "-1", "50", ANY);
        String newcomer = task("buy", "-1", "60", "'[40, 70]'::jsonb");
        return new FlatCase(rule + ", " + preference + ", one", json(rule, preference), waiting, partner, newcomer);
    }

    private static String task(String side, String key, String number, String accepts) {
        return "jsonb_build_object('side', '" + side + "', 'k', " + key + ", 'r', " + number + ", 'accepts', " + accepts
                + ")";
    }

    private static String json(String rule, String preference) {
        String prefer = preference.equals("oldest") ? "\"oldest\"" : "{\"" + preference + "\": \"r\"}";
        return """
                {"attributes": {"side": {"type": "text"}, "k": {"type": "number"}, "r": {"type": "number"},
                                "accepts": {"type": "range"}},
                 "match": [{"sides": "side", "pairs": [["buy", "sell"], ["ask", "bid"]]}%s],
                 "prefer": [%s]}
                """.formatted(CONDITIONS.get(rule), prefer);
    }
}
