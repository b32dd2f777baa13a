package io.pgmatch.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows on a terminal how far a file has got: bytes and remaining time, tasks, rate, refused. */
final class AddProgress implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofMillis(250);
    private static final int WIDTH = 110;

    private final boolean shown;
    private final long size;
    private final AddFile.CountingInput input;
    private final AddTally tally;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread = new Thread(this::show, "pgmatch-progress");

    private AddProgress(boolean shown, long size, AddFile.CountingInput input, AddTally tally) {
        this.shown = shown;
        this.size = size;
        this.input = input;
        this.tally = tally;
    }

    static AddProgress of(AddFileOptions options, long size, AddFile.CountingInput input, AddTally tally) {
        Boolean asked = options.progress();
        return new AddProgress(asked == null ? System.console() != null : asked, size, input, tally);
    }

    void start() {
        if (shown) {
            thread.setDaemon(true);
            thread.start();
        }
    }

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
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("tasks")
                .setInitialMax(size)
                .setUnit(" MB", 1_000_000)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                .build()) {
            boolean last;
            do {
                last = ended.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS);
                AddTally.Counts counts = tally.counts();
                double seconds = (System.nanoTime() - start) / 1e9;
                bar.stepTo(size < 0 ? input.count() : Math.min(size, input.count()));
                bar.setExtraMessage(" %,d tasks, %,.0f/s, %,d refused"
                        .formatted(counts.lines(), counts.lines() / seconds, counts.refused()));
            } while (!last);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
