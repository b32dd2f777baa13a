package io.pgmatch.bench;

/**
 * A scenario of the benchmark, run once. Its options are its fields with picocli's {@code @Option}; its {@code
 * @Command} describes it. {@link Suite} lists the scenarios.
 */
public interface Scenario {
    /** What it is called on the command line. */
    String name();

    /**
     * Refuses options that do not fit.
     *
     * @throws IllegalArgumentException with a message such as {@code --tasks: wanted 1 or more, got 0}
     */
    default void check() {}

    /**
     * Runs it.
     *
     * @throws io.pgmatch.model.PgmatchException if what was measured did not come out right: figures of a
     *     wrong result are worth nothing
     */
    Result run(Bench bench) throws Exception;
}
