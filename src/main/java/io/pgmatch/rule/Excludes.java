package io.pgmatch.rule;

import java.util.Set;
import java.util.function.Consumer;

/** Neither's value is in the other's list. */
record Excludes(Attribute attribute, Attribute list) implements Condition {
    @Override
    public boolean holds(Subject one, Subject other, long waitedMicros) {
        return isFree(one, other) && isFree(other, one);
    }

    @Override
    public void read(Consumer<Attribute> reader) {
        reader.accept(attribute);
        reader.accept(list);
    }

    @Override
    public String compared(Subject one, Subject other, long waitedMicros) {
        return shown(one, other) + "; " + shown(other, one);
    }

    private boolean isFree(Subject subject, Subject owner) {
        Object value = subject.value(attribute);
        Object members = owner.value(list);
        return value != null && members != null && !((Set<?>) members).contains(value);
    }

    private String shown(Subject subject, Subject owner) {
        return attribute.name() + " " + RuleText.shownValue(subject.value(attribute)) + " not in " + list.name() + " "
                + RuleText.shownValue(owner.value(list));
    }
}
