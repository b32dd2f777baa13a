package io.pgmatch.matching;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.Scenario;
import io.pgmatch.model.Scenario.Arrival;
import io.pgmatch.model.Scenario.Cancellation;
import io.pgmatch.model.Scenario.Event;
import io.pgmatch.model.Scenario.Expectation;
import io.pgmatch.model.Scenario.Refusal;
import io.pgmatch.rule.RuleLanguage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads cases and recorded arrivals; what breaks their form is named with its place. */
public final class ScenarioReader {
    private static final List<String> CASE_KEYS = List.of("name", "source", "rule", "timeline");
    private static final List<String> ENTRY_KEYS = List.of("at", "add", "cancel", "refuse", "expect");
    private static final List<String> EXPECT_KEYS = List.of("pairs", "waiting");
    private static final List<String> TASK_KEYS = List.of("ref", "attributes", "expiresIn");
    private static final List<String> ARRIVAL_KEYS = List.of("at", "ref", "attributes", "expiresIn");

    private static final String WANTED_DURATION = "a duration such as \"1.5s\" or \"10m\"";
    private static final int SHOWN_MAX = 60;
    private static final int MICROS_DIGITS = 6;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build();

    private ScenarioReader() {}

    /** A duration as a case spells it, in seconds. */
    public static String shown(Duration at) {
        BigDecimal seconds = BigDecimal.valueOf(at.getSeconds()).add(BigDecimal.valueOf(at.getNano(), 9));
        return seconds.setScale(MICROS_DIGITS, RoundingMode.DOWN)
                        .stripTrailingZeros()
                        .toPlainString() + "s";
    }

    /** Reads a case: a rule, and a timeline with what is expected of it. */
    public static Scenario readCase(String json) {
        JsonNode document = parse("case", json);
        requireObject("case", document, CASE_KEYS);
        JsonNode rule = document.get("rule");
        if (rule == null || !rule.isObject()) {
            throw wrong("rule", "a rule, an object", rule);
        }
        JsonNode timeline = document.get("timeline");
        if (timeline == null || !timeline.isArray()) {
            throw wrong("timeline", "a list of entries", timeline);
        }
        List<Event> events = new ArrayList<>();
        Duration last = Duration.ZERO;
        for (int i = 0; i < timeline.size(); i++) {
            String place = "timeline[" + i + "]";
            Duration at = readEntry(place, timeline.get(i), events);
            if (at.compareTo(last) < 0) {
                throw wrong(
                        place + ".at",
                        "a time no earlier than the entry before",
                        timeline.get(i).get("at"));
            }
            last = at;
        }
        return new Scenario(document.path("name").asText("unnamed case"), rule.toString(), events);
    }

    /** Reads recorded arrivals, one JSON object a line; empty lines are passed over. */
    public static Scenario readArrivals(String name, Iterable<String> lines) {
        List<Recorded> recorded = new ArrayList<>();
        int number = 0;
        for (String line : lines) {
            number++;
            if (!line.isBlank()) {
                recorded.add(readArrival(name + ", line " + number, line));
            }
        }
        Instant start = recorded.stream()
                .map(Recorded::at)
                .min(Comparator.naturalOrder())
                .orElse(Instant.EPOCH);
        boolean absolute = recorded.stream().anyMatch(Recorded::absolute);
        if (absolute && !recorded.stream().allMatch(Recorded::absolute)) {
            throw new PgmatchException(
                    name + ": wanted \"at\" to be a duration in every line, or a time in every" + " line, got both");
        }
        Instant zero = absolute ? start : Instant.EPOCH;
        List<Event> events = new ArrayList<>();
        recorded.stream()
                .sorted(Comparator.comparing(Recorded::at))
                .forEach(task -> events.add(new Arrival(
                        Duration.between(zero, task.at()),
                        task.task().ref(),
                        task.task().attributes(),
                        task.task().expiresIn())));
        return new Scenario(name, null, events);
    }

    /** A line of recorded arrivals; a duration counts from the epoch. */
    private record Recorded(Instant at, boolean absolute, Arrival task) {}

    private static Recorded readArrival(String place, String line) {
        JsonNode node = parse(place, line);
        requireObject(place, node, ARRIVAL_KEYS);
        String text = node.path("at").asText("");
        Duration duration = RuleLanguage.duration(text);
        Instant instant = duration == null ? RuleLanguage.instant(text) : Instant.EPOCH.plus(duration);
        if (instant == null) {
            throw wrong(
                    place + ": at", WANTED_DURATION + ", or a time such as \"2026-05-01T10:00:00Z\"", node.get("at"));
        }
        return new Recorded(instant, duration == null, task(place + ": ", Duration.ZERO, node, false));
    }

    private static Duration readEntry(String place, JsonNode entry, List<Event> events) {
        requireObject(place, entry, ENTRY_KEYS);
        Duration at = RuleLanguage.duration(entry.path("at").asText(""));
        if (at == null) {
            throw wrong(place + ".at", WANTED_DURATION, entry.get("at"));
        }
        each(place + ".add", entry.get("add"), (where, task) -> {
            requireObject(where, task, TASK_KEYS);
            events.add(task(where + ".", at, task, true));
        });
        each(place + ".cancel", entry.get("cancel"), (where, ref) -> events.add(new Cancellation(at, ref(where, ref))));
        each(place + ".refuse", entry.get("refuse"), (where, node) -> {
            requireObject(where, node, TASK_KEYS);
            Arrival task = task(where + ".", at, node, true);
            events.add(new Refusal(at, ref(where + ".ref", node.get("ref")), task.attributes()));
        });
        JsonNode expect = entry.get("expect");
        if (expect != null) {
            events.add(expectation(place + ".expect", at, expect));
        }
        return at;
    }

    private static Expectation expectation(String place, Duration at, JsonNode node) {
        requireObject(place, node, EXPECT_KEYS);
        Set<Set<String>> pairs = node.has("pairs") ? new HashSet<>() : null;
        if (pairs != null) {
            each(place + ".pairs", node.get("pairs"), (where, pair) -> {
                Set<String> refs = refs(where, pair);
                if (refs.size() != 2) {
                    throw wrong(where, "the refs of two tasks", pair);
                }
                pairs.add(refs);
            });
        }
        return new Expectation(at, pairs, node.has("waiting") ? refs(place + ".waiting", node.get("waiting")) : null);
    }

    private static Arrival task(String place, Duration at, JsonNode node, boolean refNeeded) {
        JsonNode attributes = node.get("attributes");
        if (attributes == null) {
            throw wrong(place + "attributes", "an object", null);
        }
        JsonNode expires = node.get("expiresIn");
        Duration expiresIn = expires == null ? null : RuleLanguage.duration(expires.asText(""));
        if (expires != null && (expiresIn == null || expiresIn.isZero())) {
            throw wrong(place + "expiresIn", WANTED_DURATION, expires);
        }
        JsonNode ref = node.get("ref");
        boolean named = ref != null && !ref.isNull();
        return new Arrival(at, named || refNeeded ? ref(place + "ref", ref) : null, attributes.toString(), expiresIn);
    }

    private static Set<String> refs(String place, @Nullable JsonNode list) {
        Set<String> refs = new HashSet<>();
        each(place, list, (where, ref) -> refs.add(ref(where, ref)));
        return refs;
    }

    private static String ref(String place, @Nullable JsonNode node) {
        if (node == null || !node.isTextual()) {
            throw wrong(place, "a ref, a text", node);
        }
        return node.textValue();
    }

    private interface Element {
        void read(String place, JsonNode node);
    }

    private static void each(String place, @Nullable JsonNode list, Element reader) {
        if (list == null) {
            return;
        }
        if (!list.isArray()) {
            throw wrong(place, "a list", list);
        }
        for (int i = 0; i < list.size(); i++) {
            reader.read(place + "[" + i + "]", list.get(i));
        }
    }

    private static JsonNode parse(String what, String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            String fault = String.valueOf(e.getOriginalMessage())
                    .lines()
                    .findFirst()
                    .orElse("")
                    .replaceFirst(" \\(start marker at.*", "");
            String place = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw new PgmatchException(what + ": wanted JSON, got something else" + place + ": " + fault, e);
        }
    }

    private static void requireObject(String place, JsonNode node, List<String> keys) {
        if (!node.isObject()) {
            throw wrong(place, "an object", node);
        }
        node.fieldNames().forEachRemaining(key -> {
            if (!keys.contains(key)) {
                throw new PgmatchException(
                        place + ": wanted the keys " + String.join(", ", keys) + ", got \"" + key + "\"");
            }
        });
    }

    private static PgmatchException wrong(String place, String wanted, @Nullable JsonNode got) {
        String text = got == null ? "nothing" : got.toString();
        return new PgmatchException(place + ": wanted " + wanted + ", got "
                + (text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "…"));
    }
}
