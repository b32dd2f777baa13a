package io.pgmatch.rule;

/**
 * A condition where it stands in the rule.
 *
 * @param place where that is, such as {@code match[0].any[1]}
 * @param source the condition as compact JSON
 * @param optionalAfterMicros the wait after which the condition is dropped;
 *     {@link Waiting#NEVER_MICROS} if it is not
 * @param whenDropped what it counts as then: true, or false within an odd number of nots, so that a
 *     dropped condition never turns a pair away
 */
record Clause(String place, String source, Condition condition, long optionalAfterMicros, boolean whenDropped) {
    boolean holds(Subject one, Subject other, long waitedMicros) {
        return isDropped(waitedMicros) ? whenDropped : condition.holds(one, other, waitedMicros);
    }

    boolean isDropped(long waitedMicros) {
        return waitedMicros >= optionalAfterMicros;
    }

    /** Whether the condition stays as long as a task waits. */
    boolean isLasting() {
        return optionalAfterMicros == Waiting.NEVER_MICROS;
    }

    long nextChangeMicros(long waitedMicros) {
        return isDropped(waitedMicros)
                ? Waiting.NEVER_MICROS
                : Math.min(optionalAfterMicros, condition.nextChangeMicros(waitedMicros));
    }
}
