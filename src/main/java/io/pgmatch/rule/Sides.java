package io.pgmatch.rule;

import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The two are on sides that form a pair.
 *
 * @param attribute the text that says a task's side
 * @param partners for each side the sides that it forms a pair with, each pair in both directions
 */
record Sides(Attribute attribute, Map<String, Set<String>> partners) implements Condition {
    Sides {
        partners = Map.copyOf(partners);
    }

    @Override
    public boolean holds(Subject one, Subject other, long waitedMicros) {
        Object side = one.value(attribute);
        Object otherSide = other.value(attribute);
        return side != null
                && otherSide != null
                && partners.getOrDefault(side, Set.of()).contains(otherSide);
    }

    @Override
    public void read(Consumer<Attribute> reader) {
        reader.accept(attribute);
    }

    @Override
    public String compared(Subject one, Subject other, long waitedMicros) {
        return Condition.values(attribute, one, other);
    }
}
