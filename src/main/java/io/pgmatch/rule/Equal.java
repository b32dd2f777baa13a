package io.pgmatch.rule;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Both have the same value of each of the attributes. */
record Equal(List<Attribute> attributes) implements Condition {
    Equal {
        attributes = List.copyOf(attributes);
    }

    @Override
    public boolean holds(Subject one, Subject other, long waitedMicros) {
        for (Attribute attribute : attributes) {
            Object value = one.value(attribute);
            if (value == null || !value.equals(other.value(attribute))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void read(Consumer<Attribute> reader) {
        attributes.forEach(reader);
    }

    @Override
    public String compared(Subject one, Subject other, long waitedMicros) {
        return attributes.stream()
                .map(attribute -> Condition.values(attribute, one, other))
                .collect(Collectors.joining("; "));
    }
}
