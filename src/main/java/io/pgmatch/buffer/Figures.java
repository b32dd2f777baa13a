package io.pgmatch.buffer;

import io.pgmatch.model.BufferSnapshot;
import io.pgmatch.model.Distribution;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Sizes and latencies of flushes. The writer records and computes; what it computed anybody reads. */
final class Figures {
    private static final long MICROS_MAX = TimeUnit.HOURS.toMicros(25);
    private static final long TASKS_MAX = 1_000_000;
    private static final int DIGITS = 2;
    private static final double P50 = 50;
    private static final double P90 = 90;
    private static final double P99 = 99;
    private static final double P999 = 99.9;

    private final Histogram tasks = new Histogram(TASKS_MAX, DIGITS);
    private final Histogram flushMicros = new Histogram(MICROS_MAX, DIGITS);
    private final Histogram acknowledgeMicros = new Histogram(MICROS_MAX, DIGITS);
    private long repeated;

    private volatile BufferSnapshot.Flushes latest = BufferSnapshot.EMPTY.flushes();

    /** A transaction was begun again. */
    void countRepeat() {
        repeated++;
    }

    /** A flush was committed. */
    void record(Flush flush, Trial trial) {
        long now = System.nanoTime();
        record(tasks, trial.entries().size());
        record(flushMicros, TimeUnit.NANOSECONDS.toMicros(now - flush.startedNanos()));
        for (Entry entry : trial.entries()) {
            if (entry.outcome() == Outcome.ACKNOWLEDGED) {
                record(acknowledgeMicros, TimeUnit.NANOSECONDS.toMicros(now - entry.admittedNanos));
            }
        }
        latest = new BufferSnapshot.Flushes(
                distribution(tasks), distribution(flushMicros), distribution(acknowledgeMicros), repeated);
    }

    BufferSnapshot.Flushes latest() {
        return latest;
    }

    private static void record(Histogram histogram, long value) {
        histogram.recordValue(Math.min(Math.max(value, 0), histogram.getHighestTrackableValue()));
    }

    private static Distribution distribution(Histogram histogram) {
        return new Distribution(
                histogram.getTotalCount(),
                histogram.getMean(),
                histogram.getValueAtPercentile(P50),
                histogram.getValueAtPercentile(P90),
                histogram.getValueAtPercentile(P99),
                histogram.getValueAtPercentile(P999),
                histogram.getMaxValue());
    }
}
