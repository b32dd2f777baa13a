package io.pgmatch.rule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The value of one side compares with a value of the other. False if the two are not of these
 * sides; if they are both ways round, as on equal sides, it must hold both ways.
 */
record Compare(Operand left, Operator operator, Operand right) implements Condition {
    /** How two values compare. */
    enum Operator {
        EQUAL("="),
        DIFFERENT("!="),
        LESS("<"),
        AT_MOST("<="),
        MORE(">"),
        AT_LEAST(">=");

        private final String word;

        Operator(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }

        /** Whether values need an order for it. */
        boolean isOrder() {
            return this != EQUAL && this != DIFFERENT;
        }

        boolean holds(Object left, Object right) {
            return switch (this) {
                case EQUAL -> left.equals(right);
                case DIFFERENT -> !left.equals(right);
                case LESS -> Measure.compare(left, right) < 0;
                case AT_MOST -> Measure.compare(left, right) <= 0;
                case MORE -> Measure.compare(left, right) > 0;
                case AT_LEAST -> Measure.compare(left, right) >= 0;
            };
        }

        static List<String> words() {
            return Arrays.stream(values()).map(Operator::word).toList();
        }

        static @Nullable Operator of(String word) {
            int index = words().indexOf(word);
            return index < 0 ? null : values()[index];
        }
    }

    @Override
    public boolean holds(Subject one, Subject other, long waitedMicros) {
        boolean forth = concerns(one, other);
        boolean back = concerns(other, one);
        return (forth || back) && (!forth || compares(one, other)) && (!back || compares(other, one));
    }

    @Override
    public void read(Consumer<Attribute> reader) {
        left.read(reader);
        right.read(reader);
    }

    @Override
    public String compared(Subject one, Subject other, long waitedMicros) {
        List<String> comparisons = new ArrayList<>();
        if (concerns(one, other)) {
            comparisons.add(shown(one, other));
        }
        if (concerns(other, one)) {
            comparisons.add(shown(other, one));
        }
        return comparisons.isEmpty() ? "not of these sides" : String.join("; ", comparisons);
    }

    private boolean concerns(Subject leftSubject, Subject rightSubject) {
        return left.concerns(leftSubject) && right.concerns(rightSubject);
    }

    private boolean compares(Subject leftSubject, Subject rightSubject) {
        Object leftValue = left.valueOf(leftSubject);
        Object rightValue = right.valueOf(rightSubject);
        return leftValue != null && rightValue != null && operator.holds(leftValue, rightValue);
    }

    private String shown(Subject leftSubject, Subject rightSubject) {
        return left.name() + " " + RuleText.shownValue(left.valueOf(leftSubject)) + " " + operator.word() + " "
                + right.name() + " " + RuleText.shownValue(right.valueOf(rightSubject));
    }
}
