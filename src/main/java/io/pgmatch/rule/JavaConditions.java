package io.pgmatch.rule;

import java.util.Objects;

/**
 * Where conditions written in Java come from, and who hears of their failures.
 *
 * @param loader finds the classes that rules name
 * @param failures hears of each comparison that one of them fails
 */
public record JavaConditions(Loader loader, Failures failures) {
    /** Requires both. */
    public JavaConditions {
        Objects.requireNonNull(loader, "loader");
        Objects.requireNonNull(failures, "failures");
    }

    /** Finds a condition by the name of its class. */
    @FunctionalInterface
    public interface Loader {
        /**
         * An instance of the class.
         *
         * @throws Exception if there is none; its message goes into the error about the rule
         */
        PairCondition load(String className) throws Exception;
    }

    /**
     * Hears of failed comparisons, from any thread that judges; must be quick and must not throw.
     */
    @FunctionalInterface
    public interface Failures {
        /** The condition threw {@code cause} on these two, which therefore do not meet. */
        void failed(String className, Subject seeker, Subject partner, Throwable cause);
    }

    /**
     * Loads through a class loader, and creates instances by the public constructor without
     * parameters.
     */
    public static JavaConditions from(ClassLoader classLoader, Failures failures) {
        return new JavaConditions(
                className -> Class.forName(className, true, classLoader)
                        .asSubclass(PairCondition.class)
                        .getConstructor()
                        .newInstance(),
                failures);
    }
}
