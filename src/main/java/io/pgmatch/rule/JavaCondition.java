package io.pgmatch.rule;

import java.util.List;
import java.util.function.Consumer;

/**
 * A class on the class path says so. What it throws is reported, and fails the whole comparison.
 *
 * @param declared all attributes, as the class may look at any
 */
record JavaCondition(
        String className, PairCondition condition, JavaConditions.Failures failures, List<Attribute> declared)
        implements Condition {
    JavaCondition {
        declared = List.copyOf(declared);
    }

    /** A comparison that cannot be made, so that neither the condition nor its negation holds. */
    static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message, null, false, false);
        }
    }

    @Override
    public boolean holds(Subject one, Subject other, long waitedMicros) {
        try {
            return condition.holds(one, other);
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            failures.failed(className, one, other, e);
            throw new Failed(className + " failed: " + e);
        }
    }

    @Override
    public void read(Consumer<Attribute> reader) {
        declared.forEach(reader);
    }

    @Override
    public String compared(Subject one, Subject other, long waitedMicros) {
        return className;
    }
}
