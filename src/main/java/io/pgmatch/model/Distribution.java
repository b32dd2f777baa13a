package io.pgmatch.model;

/**
 * How the values of many measurements lie. All zero where nothing was measured.
 *
 * @param count measurements
 * @param mean their mean
 * @param p50 half of them are no greater
 * @param p90 nine of ten are no greater
 * @param p99 99 of 100 are no greater
 * @param p999 999 of 1,000 are no greater
 * @param max the greatest
 */
public record Distribution(long count, double mean, long p50, long p90, long p99, long p999, long max) {
    /** Of nothing. */
    public static final Distribution EMPTY = new Distribution(0, 0, 0, 0, 0, 0, 0);
}
