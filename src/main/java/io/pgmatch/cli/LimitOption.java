package io.pgmatch.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How many rows a listing may have. */
final class LimitOption {
    private static final int DEFAULT = 20;
    private static final int MAX = 1_000_000;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--limit", paramLabel = "N", description = "At most so many; default: 20.")
    private @Nullable Integer limit;

    /** What was asked for, or the default. */
    int get() {
        return limit == null ? DEFAULT : checked(limit, 1);
    }

    boolean isGiven() {
        return limit != null;
    }

    /** What was asked for, where it may be none at all. */
    int getOrZero() {
        return limit == null ? 0 : checked(limit, 0);
    }

    private int checked(int number, int min) {
        if (number < min || number > MAX) {
            throw new ParameterException(
                    spec.commandLine(), "--limit: wanted " + min + " to " + MAX + ", got " + number);
        }
        return number;
    }
}
