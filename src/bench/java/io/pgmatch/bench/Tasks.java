package io.pgmatch.bench;

import picocli.CommandLine.Option;

/** The option of scenarios that drain a pool. */
public final class Tasks {
    /** The most that may be asked for. */
    static final int MAX = 100_000_000;

    /** A pair. */
    private static final int MIN = 2;

    @Option(
            names = "--tasks",
            paramLabel = "N",
            description = "Tasks to drain; default: ${DEFAULT-VALUE}.",
            defaultValue = "1000000")
    private int count;

    /** How many. */
    public int count() {
        return count;
    }

    /** Refuses what makes no sense. */
    public void check() {
        Rounds.requireWithin("--tasks", count, MIN, MAX);
    }
}
