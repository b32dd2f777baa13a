package io.pgmatch.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Shows on a terminal how far a file has got, in its last line: a bar, tasks, rate, refused, remaining time. */
final class AddProgress implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofMillis(250);
    private static final int BAR_MIN = 8;
    private static final int BAR_MAX = 40;
    private static final double BYTES_A_MEGABYTE = 1e6;

    private final boolean shown;
    private final long size;
    private final AddFile.CountingInput input;
    private final AddTally tally;
    private final Console console;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread = new Thread(this::show, "pgmatch-progress");

    private AddProgress(boolean shown, long size, AddFile.CountingInput input, AddTally tally, Console console) {
        this.shown = shown;
        this.size = size;
        this.input = input;
        this.tally = tally;
        this.console = console;
    }

    static AddProgress of(
            AddFileOptions options, long size, AddFile.CountingInput input, AddTally tally, Console console) {
        Boolean asked = options.progress();
        return new AddProgress(asked == null ? Terminal.isStandardError() : asked, size, input, tally, console);
    }

    void start() {
        if (shown) {
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Takes the line away: the summary, which follows, says the same and more. */
    @Override
    public void close() {
        ended.countDown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void show() {
        long start = System.nanoTime();
        // The last column stays free: some terminals wrap as soon as it is written.
        int columns = Terminal.columns() - 1;
        try {
            while (!ended.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                console.status(line(columns, input.count(), size, tally.counts(), (System.nanoTime() - start) / 1e9));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            console.status("");
        }
    }

    /**
     * The line at one moment.
     *
     * @param columns how long it may be
     * @param read bytes that were read
     * @param size bytes that there are; -1 if nobody knows
     * @param seconds since the start; more than 0
     */
    static String line(int columns, long read, long size, AddTally.Counts counts, double seconds) {
        String figures = String.format(
                Locale.ROOT,
                "%,d tasks, %,.0f/s, %,d refused",
                counts.lines(),
                counts.lines() / seconds,
                counts.refused() + counts.refusedEarlier());
        if (size <= 0) {
            return Words.cut(
                    String.format(
                            Locale.ROOT,
                            "%s, %,.1f MB, %s",
                            figures,
                            read / BYTES_A_MEGABYTE,
                            Durations.shown(Duration.ofSeconds((long) seconds))),
                    columns);
        }
        // A file may grow while it is read.
        double part = Math.min(1, (double) read / size);
        String left = part == 0
                ? ""
                : ", " + Durations.shown(Duration.ofSeconds(Math.round(seconds * (1 - part) / part))) + " left";
        String percent = String.format(Locale.ROOT, "%3d%% ", (int) (100 * part));
        int bar = Math.min(BAR_MAX, columns - percent.length() - "[] ".length() - figures.length() - left.length());
        String drawn = "";
        if (bar >= BAR_MIN) {
            int full = (int) (bar * part);
            drawn = "[" + "=".repeat(full) + " ".repeat(bar - full) + "] ";
        }
        return Words.cut(percent + drawn + figures + left, columns);
    }
}
