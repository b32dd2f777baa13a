package io.pgmatch.rule;

/**
 * A condition written in Java, which a rule names as {@code {"java": "com.acme.MyCondition"}}. The
 * class has a public constructor without parameters; one instance serves each place that names it.
 *
 * <p>Implementations are called by several threads at once, and must always give the same answer
 * for the same two tasks: a sleeping task is not searched for again because an answer would now be
 * another. What they throw turns the pair away and is reported, never more.
 */
@FunctionalInterface
public interface PairCondition {
    /**
     * Whether {@code seeker} may meet {@code partner}. A pair needs both directions, so an answer
     * that depends on the order is an answer about both orders.
     *
     * @param seeker a task, with all its declared attributes
     * @param partner another one
     * @throws Exception to turn the pair away and have the failure reported
     */
    boolean holds(Subject seeker, Subject partner) throws Exception;
}
