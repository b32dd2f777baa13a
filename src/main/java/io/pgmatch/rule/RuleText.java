package io.pgmatch.rule;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The words of messages: values as they are quoted, places, lists, and the nearest known word. */
final class RuleText {
    /** As many code points of a value are shown. */
    private static final int SHOWN_MAX = 60;
    /** Words longer than this are nobody's misspelling. */
    private static final int WORD_MAX = 60;

    private static final Pattern PLAIN_NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{Nd}_-]*");

    private RuleText() {}

    /** JSON text as a message quotes it, cut to a readable length. */
    static String shown(String json) {
        return json.codePointCount(0, json.length()) <= SHOWN_MAX
                ? json
                : json.substring(0, json.offsetByCodePoints(0, SHOWN_MAX)) + "…";
    }

    /** A text in quotes, escaped so that it stays on one line, cut to a readable length. */
    static String quoted(String text) {
        return shown(json(text));
    }

    /** A text without line breaks, cut to a readable length. */
    static String oneLine(String text) {
        return shown(text.replaceAll("\\R", " "));
    }

    /** A typed value as JSON spells it, sets in a fixed order; null is nothing. */
    static String value(@Nullable Object value) {
        if (value == null) {
            return "nothing";
        }
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        if (value instanceof Set<?> members) {
            return members.stream().map(RuleText::value).sorted().collect(Collectors.joining(", ", "[", "]"));
        }
        return value instanceof Boolean || value instanceof Range ? value.toString() : json(value.toString());
    }

    /** A typed value as a message quotes it; null is nothing. */
    static String shownValue(@Nullable Object value) {
        return shown(value(value));
    }

    /** Typed values as a list: {@code ["buy", "sell"]}. */
    static String listed(Collection<?> values) {
        return shown(values.stream().map(RuleText::value).collect(Collectors.joining(", ", "[", "]")));
    }

    /** Words as a list to choose from: {@code "text", "number" or "time"}. */
    static String alternatives(List<String> words) {
        if (words.size() == 1) {
            return json(words.get(0));
        }
        String head =
                words.stream().limit(words.size() - 1L).map(RuleText::json).collect(Collectors.joining(", "));
        return head + " or " + json(words.get(words.size() - 1));
    }

    /** The place of a member of {@code place}, an empty text being the whole rule. */
    static String member(String place, String name) {
        if (!PLAIN_NAME.matcher(name).matches() || name.length() > WORD_MAX) {
            return place + "[" + quoted(name) + "]";
        }
        return place.isEmpty() ? name : place + "." + name;
    }

    /** The place of the element {@code index}, counted from 0, of the list at {@code place}. */
    static String element(String place, int index) {
        return place + "[" + index + "]";
    }

    /**
     * What follows an unknown word: a question for the nearest known one, or nothing if none is
     * near.
     */
    static String suggestion(String word, Collection<String> known) {
        if (word.length() > WORD_MAX) {
            return "";
        }
        int near = Math.max(1, Math.min(3, word.length() / 2));
        return known.stream()
                .filter(candidate -> candidate.length() <= WORD_MAX && distance(word, candidate) <= near)
                .min(Comparator.comparingInt((String candidate) -> distance(word, candidate))
                        .thenComparing(Comparator.naturalOrder()))
                .map(nearest -> "; did you mean " + json(nearest) + "?")
                .orElse("");
    }

    private static String json(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, quoted);
        return quoted.append('"').toString();
    }

    /**
     * Insertions, deletions and replacements that turn one word into the other, whatever the case.
     */
    private static int distance(String one, String other) {
        int[] previous = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] current = new int[other.length() + 1];
            current[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                boolean same = Character.toLowerCase(one.charAt(i - 1)) == Character.toLowerCase(other.charAt(j - 1));
                current[j] = Math.min(Math.min(previous[j], current[j - 1]) + 1, previous[j - 1] + (same ? 0 : 1));
            }
            previous = current;
        }
        return previous[other.length()];
    }
}
