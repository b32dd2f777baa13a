package io.pgmatch.bench;

import picocli.CommandLine.Option;

/** The option of scenarios that repeat themselves. */
public final class Rounds {
    /** As many as a median wants. */
    public static final int DEFAULT = 5;

    private static final int MAX = 1_000;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How often each thing is measured, in turns; default: " + DEFAULT + ".")
    private int count = DEFAULT;

    /** How often. */
    public int count() {
        return count;
    }

    /** Refuses what makes no sense. */
    public void check() {
        requireWithin("--rounds", count, 1, MAX);
    }

    /** Refuses a number out of bounds, as {@link Scenario#check} does. */
    public static void requireWithin(String option, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(option + ": wanted " + min + " to " + max + ", got " + value);
        }
    }
}
