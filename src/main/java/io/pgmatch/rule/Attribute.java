package io.pgmatch.rule;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A declared attribute. Its values are of the Java type that {@link ValueReader} reads for
 * {@code type}.
 *
 * @param slot the attribute's place among a subject's values, counted from 0
 * @param optional whether a task may lack it; false where there is a default
 * @param defaultValue what a task that lacks it has, or null
 * @param oneOf the values allowed, without duplicates; empty if all are
 */
record Attribute(
        int slot,
        String name,
        Type type,
        boolean optional,
        @Nullable Object defaultValue,
        List<Object> oneOf) {
    Attribute {
        if (optional && defaultValue != null) {
            throw new IllegalArgumentException(name + ": wanted optional or a default, got both");
        }
        oneOf = List.copyOf(oneOf);
    }

    /** Whether the rule allows {@code value}, which is of the attribute's type. */
    boolean allows(Object value) {
        return oneOf.isEmpty() || oneOf.contains(value);
    }

    /** A value of the attribute in the words of an error message. */
    String wanted() {
        return oneOf.isEmpty() ? type.wanted() : "one of " + RuleText.listed(oneOf);
    }
}
