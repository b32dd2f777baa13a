package io.pgmatch.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** Progress bars on standard error where it is a terminal, and nowhere else. */
final class ProgressBars {
    private static final int UPDATE_MILLIS = 200;

    private ProgressBars() {}

    /** A bar that is full after so many steps; it may be stepped by any thread. */
    static ProgressBar of(String task, long steps) {
        PrintStream target = Terminal.isStandardError()
                ? System.err
                : new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(steps)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(target))
                .showSpeed()
                .build();
    }
}
