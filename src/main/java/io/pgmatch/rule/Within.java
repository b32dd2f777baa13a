package io.pgmatch.rule;

import java.math.BigDecimal;
import java.util.function.Consumer;

/** Each one's number lies in the other's range. */
record Within(Attribute attribute, Attribute range) implements Condition {
    @Override
    public boolean holds(Subject one, Subject other, long waitedMicros) {
        return liesIn(one, other) && liesIn(other, one);
    }

    @Override
    public void read(Consumer<Attribute> reader) {
        reader.accept(attribute);
        reader.accept(range);
    }

    @Override
    public String compared(Subject one, Subject other, long waitedMicros) {
        return shown(one, other) + "; " + shown(other, one);
    }

    private boolean liesIn(Subject subject, Subject owner) {
        Object number = subject.value(attribute);
        Object bounds = owner.value(range);
        return number != null && bounds != null && ((Range) bounds).contains((BigDecimal) number);
    }

    private String shown(Subject subject, Subject owner) {
        return attribute.name() + " " + RuleText.shownValue(subject.value(attribute)) + " in " + range.name() + " "
                + RuleText.shownValue(owner.value(range));
    }
}
