package io.pgmatch.rule;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The types that an attribute can be declared with. */
enum Type {
    TEXT("a text"),
    NUMBER("a number within ±1e100 with at most 100 decimals"),
    BOOLEAN("true or false"),
    SET("a set such as [\"a\", \"b\"]"),
    RANGE("a range such as [10, 20] or [10, null]"),
    TIME("a time such as \"2026-05-01T10:00:00Z\"");

    private static final List<String> WORDS =
            Arrays.stream(values()).map(Type::word).toList();

    private final String wanted;

    Type(String wanted) {
        this.wanted = wanted;
    }

    /** The type as a rule spells it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A value of the type in the words of an error message; the database uses the same ones. */
    String wanted() {
        return wanted;
    }

    /** Whether values of the type have an order and a distance: numbers and times. */
    boolean isMeasured() {
        return this == NUMBER || this == TIME;
    }

    /** The words of all types, in the order of declaration. */
    static List<String> words() {
        return WORDS;
    }

    /** The type that a rule calls {@code word}, or null if there is none. */
    static @Nullable Type of(String word) {
        int index = WORDS.indexOf(word);
        return index < 0 ? null : values()[index];
    }
}
