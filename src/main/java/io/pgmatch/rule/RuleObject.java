package io.pgmatch.rule;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A JSON object of a rule, with its place for messages. A key whose value is null is there. */
final class RuleObject {
    private final String place;
    private final JsonNode node;

    private RuleObject(String place, JsonNode node) {
        this.place = place;
        this.node = node;
    }

    /**
     * The object at {@code place}.
     *
     * @param wanted what an object there means, in the words of a message
     * @throws RuleException if the node is no object
     */
    static RuleObject of(String place, @Nullable JsonNode node, String wanted) {
        if (node == null || !node.isObject()) {
            throw new RuleException(place, wanted, RuleJson.shown(node));
        }
        return new RuleObject(place, node);
    }

    /** The same object as the whole rule, whose members' places stand for themselves. */
    RuleObject asRoot() {
        return new RuleObject("", node);
    }

    String place() {
        return place;
    }

    JsonNode node() {
        return node;
    }

    boolean has(String key) {
        return node.has(key);
    }

    @Nullable
    JsonNode get(String key) {
        return node.get(key);
    }

    /** The place of the value of {@code key}. */
    String at(String key) {
        return RuleText.member(place, key);
    }

    /** Refuses every key but the known ones, naming the nearest of them. */
    void allowOnly(List<String> known) {
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                throw new RuleException(
                        at(key),
                        "one of the keys " + RuleText.alternatives(known),
                        RuleText.quoted(key) + RuleText.suggestion(key, known));
            }
        });
    }

    /** The text of {@code key}, which must be there. */
    String text(String key, String wanted) {
        JsonNode value = get(key);
        if (value == null || !value.isTextual()) {
            throw new RuleException(at(key), wanted, RuleJson.shown(value));
        }
        return value.textValue();
    }

    /** The word of {@code key}, which must be there and one of {@code words}. */
    String word(String key, List<String> words) {
        String wanted = RuleText.alternatives(words);
        String word = text(key, wanted);
        if (!words.contains(word)) {
            throw new RuleException(at(key), wanted, RuleText.quoted(word) + RuleText.suggestion(word, words));
        }
        return word;
    }

    /** The truth value of {@code key}, false where the key is missing. */
    boolean flag(String key) {
        JsonNode value = get(key);
        if (value == null) {
            return false;
        }
        if (!value.isBoolean()) {
            throw new RuleException(at(key), "true or false", RuleJson.shown(value));
        }
        return value.booleanValue();
    }

    /** The number of {@code key}, which must be there. */
    BigDecimal number(String key) {
        JsonNode value = get(key);
        BigDecimal number = value != null && value.isNumber() ? ValueReader.number(value.decimalValue()) : null;
        if (number == null) {
            throw new RuleException(at(key), Type.NUMBER.wanted(), RuleJson.shown(value));
        }
        return number;
    }

    /** The microseconds of the duration of {@code key}, which must be there. */
    long durationMicros(String key, long leastMicros) {
        JsonNode value = get(key);
        Long micros = value != null && value.isTextual() ? Waiting.parse(value.textValue()) : null;
        if (micros == null) {
            throw new RuleException(at(key), Waiting.WANTED, RuleJson.shown(value));
        }
        if (micros < leastMicros) {
            String least =
                    leastMicros == 1 ? "more than 0s" : Waiting.shown(BigDecimal.valueOf(leastMicros)) + " or more";
            throw new RuleException(at(key), least, RuleJson.shown(value));
        }
        return micros;
    }
}
