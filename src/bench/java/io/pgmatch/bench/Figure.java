package io.pgmatch.bench;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A figure that a scenario yields: a ratio within the run, which is what counts, or an absolute figure beside
 * it, for colour.
 *
 * @param name what was measured, such as {@code 2 connections}
 * @param unit what it is measured in, such as {@code of floor} or {@code pairs/s}; figures of a scenario that
 *     have the same unit are plotted together
 * @param values one value for each round, at least one
 * @param target what the median must reach; null if nothing depends on it
 * @param place where it stands in a plot with lines; null for a bar
 */
public record Figure(
        String name,
        String unit,
        List<Double> values,
        @Nullable Target target,
        @Nullable Place place) {
    /** Refuses a figure without values. */
    public Figure {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(name + ": wanted a value for each round, got none");
        }
        values = List.copyOf(values);
    }

    /**
     * Where a figure stands in a plot with lines.
     *
     * @param line the name of its line
     * @param x how far to the right, such as how many tasks wait
     */
    public record Place(String line, double x) {}

    /** A figure on which nothing depends. */
    public static Figure of(String name, String unit, List<Double> values) {
        return new Figure(name, unit, values, null, null);
    }

    /** A figure of one value. */
    public static Figure of(String name, String unit, double value) {
        return of(name, unit, List.of(value));
    }

    /** The same, with what its median must reach. */
    public Figure mustReach(Target wanted) {
        return new Figure(name, unit, values, wanted, place);
    }

    /** The same, in a plot with lines. */
    public Figure at(String line, double x) {
        return new Figure(name, unit, values, target, new Place(line, x));
    }

    /** The value in the middle, or the mean of the two. */
    public double median() {
        double[] sorted = sorted();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The lowest value. */
    public double min() {
        return sorted()[0];
    }

    /** The highest value. */
    public double max() {
        return sorted()[values.size() - 1];
    }

    /** Whether the median reaches the target; null if there is none. */
    public @Nullable Boolean reached() {
        return target == null ? null : target.isReachedBy(median());
    }

    /** A value as people read it. */
    public static String shown(double value) {
        double size = Math.abs(value);
        String pattern = size >= 100 || value == Math.rint(value)
                ? "%,.0f"
                : size >= 10 ? "%.1f" : size >= 0.1 ? "%.2f" : "%.4f";
        return String.format(Locale.ROOT, pattern, value);
    }

    private double[] sorted() {
        return values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    }
}
