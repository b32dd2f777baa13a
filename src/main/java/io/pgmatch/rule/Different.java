package io.pgmatch.rule;

import java.util.function.Consumer;

/** The values differ; a missing value differs from everything, another missing one included. */
record Different(Attribute attribute) implements Condition {
    @Override
    public boolean holds(Subject one, Subject other, long waitedMicros) {
        Object value = one.value(attribute);
        return value == null || !value.equals(other.value(attribute));
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
