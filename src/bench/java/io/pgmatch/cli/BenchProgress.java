package io.pgmatch.cli;

import io.pgmatch.bench.Progress;
import org.jspecify.annotations.Nullable;

/** How far a scenario is, on a line of the terminal; nothing where there is none. Used by one thread. */
final class BenchProgress implements Progress, AutoCloseable {
    private @Nullable ProgressLine line;

    /** What stands before the stage, such as the scenario. */
    private String prefix = "";

    @Override
    public void begin(String stage, long steps) {
        end();
        line = ProgressLine.start(prefix + stage, steps);
    }

    @Override
    public void at(long done) {
        if (line != null) {
            line.at(done);
        }
    }

    /** Says what the following stages belong to. */
    void within(String scenario) {
        prefix = scenario + ": ";
    }

    @Override
    public void end() {
        if (line != null) {
            line.close();
            line = null;
        }
    }

    @Override
    public void close() {
        end();
    }
}
