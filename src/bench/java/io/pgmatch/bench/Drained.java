package io.pgmatch.bench;

/**
 * What a timed drain came to.
 *
 * @param pairs pairs made
 * @param seconds how long it took
 * @param contended partners that could not be taken because others held them
 */
record Drained(long pairs, double seconds, long contended) {
    double pairsPerSecond() {
        return pairs / seconds;
    }
}
