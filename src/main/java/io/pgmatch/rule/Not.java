package io.pgmatch.rule;

import java.util.List;
import java.util.function.Consumer;

/** The part does not hold; so it is true where the part is false for want of a value. */
record Not(Clause part) implements Condition {
    @Override
    public boolean holds(Subject one, Subject other, long waitedMicros) {
        return !part.holds(one, other, waitedMicros);
    }

    @Override
    public void read(Consumer<Attribute> reader) {
        part.condition().read(reader);
    }

    @Override
    public String compared(Subject one, Subject other, long waitedMicros) {
        return "";
    }

    @Override
    public List<Clause> parts() {
        return List.of(part);
    }
}
