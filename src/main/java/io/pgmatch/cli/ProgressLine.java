package io.pgmatch.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar on stderr, where that is a terminal; else nothing. Closing it twice does no harm. */
final class ProgressLine implements AutoCloseable {
    private static final Path STDERR = Path.of("/proc/self/fd/2");

    private final @Nullable ProgressBar bar;
    private boolean closed;

    private ProgressLine(@Nullable ProgressBar bar) {
        this.bar = bar;
    }

    /** Starts a bar for so many steps. */
    static ProgressLine start(String task, long steps) {
        return new ProgressLine(
                isTerminal()
                        ? new ProgressBarBuilder()
                                .setTaskName(task)
                                .setInitialMax(steps)
                                .setStyle(ProgressBarStyle.ASCII)
                                .clearDisplayOnFinish()
                                .build()
                        : null);
    }

    /** Says how many steps are done. */
    void at(long done) {
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    @Override
    public void close() {
        if (bar != null && !closed) {
            closed = true;
            bar.close();
        }
    }

    /** Java tells of stdin and stdout together only, so where the system says more it is asked. */
    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(STDERR).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return System.console() != null;
        }
    }
}
