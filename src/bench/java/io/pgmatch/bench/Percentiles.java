package io.pgmatch.bench;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Latencies as figures. */
final class Percentiles {
    private static final double MICROS_A_MILLISECOND = 1_000;

    private Percentiles() {}

    /** A percentile of a histogram of microseconds, in milliseconds. */
    static Figure of(String name, Histogram micros, double percentile) {
        return Figure.of(
                "p" + Figure.shown(percentile) + ", " + name,
                "ms",
                micros.getValueAtPercentile(percentile) / MICROS_A_MILLISECOND);
    }

    /** Several of them, and the highest value. */
    static List<Figure> of(String name, Histogram micros, List<Double> percentiles) {
        List<Figure> figures = new ArrayList<>();
        percentiles.forEach(percentile -> figures.add(of(name, micros, percentile)));
        figures.add(Figure.of("highest, " + name, "ms", micros.getMaxValue() / MICROS_A_MILLISECOND));
        return figures;
    }
}
