package io.pgmatch.rule;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgmatch.rule.Bound.Ramp;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses the bound of a {@code distance} condition, and how it grows. */
final class BoundParser {
    private static final List<String> PHASE_KEYS = List.of("every", "by", "limit");
    /** The shortest interval of growth: a task is searched for again as often. */
    private static final long EVERY_MIN_MICROS = 1_000;

    private final RuleObject condition;
    private final boolean duration;
    private final String amountKey;

    /** A parser of the bound in {@code condition}, on values of {@code type}, a number or time. */
    BoundParser(RuleObject condition, Type type) {
        this.condition = condition;
        this.duration = type == Type.TIME;
        if (condition.has("max") == condition.has("maxPercent")) {
            throw new RuleException(
                    condition.place(), "either max or maxPercent", condition.has("max") ? "both" : "neither");
        }
        this.amountKey = condition.has("max") ? "max" : "maxPercent";
        if (duration && isPercent()) {
            throw new RuleException(
                    condition.at("maxPercent"), "max with " + Waiting.WANTED + " for a time", "maxPercent");
        }
    }

    boolean isPercent() {
        return amountKey.equals("maxPercent");
    }

    /**
     * The bound.
     *
     * @throws RuleException if it breaks the language
     */
    Bound parse() {
        if (condition.has("widen") && condition.has("steps")) {
            throw new RuleException(condition.place(), "either widen or steps", "both");
        }
        BigDecimal initial = amount(condition, amountKey);
        JsonNode widen = condition.get("widen");
        JsonNode steps = condition.get("steps");
        if (widen != null) {
            return new Bound(initial, widen(initial, widen));
        }
        return new Bound(initial, steps == null ? List.of() : steps(initial, steps));
    }

    private List<Ramp> widen(BigDecimal initial, JsonNode widen) {
        String place = condition.at("widen");
        if (!widen.isArray()) {
            return List.of(phase(place, widen, initial, null));
        }
        requireMembers(
                place, widen, "a phase such as {\"every\": \"5s\", \"by\": 50, \"limit\": 400}, or a list of such");
        List<Ramp> ramps = new ArrayList<>();
        Ramp before = null;
        for (int i = 0; i < widen.size(); i++) {
            before = phase(RuleText.element(place, i), widen.get(i), initial, before);
            ramps.add(before);
        }
        return ramps;
    }

    private Ramp phase(String place, JsonNode node, BigDecimal initial, @Nullable Ramp before) {
        RuleObject phase =
                RuleObject.of(place, node, "a phase such as {\"every\": \"5s\", \"by\": 50, \"limit\": 400}");
        phase.allowOnly(PHASE_KEYS);
        long startMicros = before == null ? 0 : before.endMicros();
        BigDecimal from = before == null ? initial : before.limit();
        long everyMicros = phase.durationMicros("every", EVERY_MIN_MICROS);
        BigDecimal by = amount(phase, "by");
        if (by.signum() == 0) {
            throw new RuleException(phase.at("by"), "more than 0", "0");
        }
        BigDecimal limit = growing(phase, "limit", from);
        BigDecimal steps = limit.subtract(from).divide(by, 0, RoundingMode.CEILING);
        long stepsMax = (Waiting.DURATION_MAX_MICROS - startMicros) / everyMicros;
        if (steps.compareTo(BigDecimal.valueOf(stepsMax)) > 0) {
            throw new RuleException(
                    phase.at("limit"), "a limit that is reached within 36500d", "one that takes longer");
        }
        return new Ramp(startMicros, from, everyMicros, by, limit, steps.longValue());
    }

    private List<Ramp> steps(BigDecimal initial, JsonNode steps) {
        String place = condition.at("steps");
        String example = "{\"after\": \"10s\", \"" + amountKey + "\": " + (duration ? "\"2d\"" : "200") + "}";
        requireMembers(place, steps, "a list of steps such as [" + example + "]");
        List<Ramp> ramps = new ArrayList<>();
        long startMicros = 0;
        BigDecimal from = initial;
        for (int i = 0; i < steps.size(); i++) {
            RuleObject step = RuleObject.of(RuleText.element(place, i), steps.get(i), "a step such as " + example);
            step.allowOnly(List.of("after", amountKey));
            long afterMicros = step.durationMicros("after", 1);
            if (afterMicros <= startMicros) {
                throw new RuleException(
                        step.at("after"), "a later time than in the step before", RuleJson.shown(step.get("after")));
            }
            BigDecimal amount = growing(step, amountKey, from);
            ramps.add(new Ramp(startMicros, from, afterMicros - startMicros, amount.subtract(from), amount, 1));
            startMicros = afterMicros;
            from = amount;
        }
        return ramps;
    }

    private BigDecimal growing(RuleObject object, String key, BigDecimal from) {
        BigDecimal amount = amount(object, key);
        if (amount.compareTo(from) <= 0) {
            String least = duration ? Waiting.shown(from) : from.toPlainString();
            throw new RuleException(object.at(key), "more than " + least, RuleJson.shown(object.get(key)));
        }
        return amount;
    }

    /** A number from 0 on, or the microseconds of a duration. */
    private BigDecimal amount(RuleObject object, String key) {
        if (duration) {
            return BigDecimal.valueOf(object.durationMicros(key, 0));
        }
        BigDecimal number = object.number(key);
        if (number.signum() < 0) {
            throw new RuleException(object.at(key), "a number of at least 0", RuleJson.shown(object.get(key)));
        }
        return number;
    }

    private static void requireMembers(String place, JsonNode list, String wanted) {
        if (!list.isArray() || list.isEmpty()) {
            throw new RuleException(place, wanted, RuleJson.shown(list));
        }
    }
}
