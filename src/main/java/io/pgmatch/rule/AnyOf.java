package io.pgmatch.rule;

import java.util.List;
import java.util.function.Consumer;

/** At least one of the parts holds. */
record AnyOf(List<Clause> parts) implements Condition {
    AnyOf {
        parts = List.copyOf(parts);
    }

    @Override
    public boolean holds(Subject one, Subject other, long waitedMicros) {
        for (Clause part : parts) {
            if (part.holds(one, other, waitedMicros)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void read(Consumer<Attribute> reader) {
        parts.forEach(part -> part.condition().read(reader));
    }

    @Override
    public String compared(Subject one, Subject other, long waitedMicros) {
        return "";
    }
}
