package io.pgmatch.rule;

import java.util.Set;
import java.util.function.Consumer;

/**
 * Two sets share members.
 *
 * @param min how many at least, 1 or more
 */
record Overlap(Attribute attribute, int min) implements Condition {
    @Override
    public boolean holds(Subject one, Subject other, long waitedMicros) {
        Object members = one.value(attribute);
        Object otherMembers = other.value(attribute);
        return members != null && otherMembers != null && shared((Set<?>) members, (Set<?>) otherMembers) >= min;
    }

    @Override
    public void read(Consumer<Attribute> reader) {
        reader.accept(attribute);
    }

    @Override
    public String compared(Subject one, Subject other, long waitedMicros) {
        String values = Condition.values(attribute, one, other);
        Object members = one.value(attribute);
        Object otherMembers = other.value(attribute);
        return members == null || otherMembers == null
                ? values
                : values + ", " + shared((Set<?>) members, (Set<?>) otherMembers) + " shared, at least " + min;
    }

    private static int shared(Set<?> one, Set<?> other) {
        if (one.size() > other.size()) {
            return shared(other, one);
        }
        int shared = 0;
        for (Object member : one) {
            if (other.contains(member)) {
                shared++;
            }
        }
        return shared;
    }
}
