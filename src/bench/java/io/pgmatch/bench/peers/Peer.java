package io.pgmatch.bench.peers;

import io.pgmatch.bench.Bench;

/**
 * A way to get a number of elements done: paired with one of their value, or for a job queue just
 * completed. Each has tables of its own. One is loaded, drained, checked and removed, and then again.
 */
public interface Peer {
    /** What it is called in reports. */
    String name();

    /** What was chosen for it: workers, batches. */
    String settings();

    /** Makes its tables anew and fills them; vacuumed and analyzed, nothing running on them. */
    void load(Bench bench, int elements);

    /**
     * Works until all elements are done; connecting is not counted.
     *
     * @return how many seconds that took
     */
    double drain(Bench bench, int elements) throws Exception;

    /**
     * Looks whether each element was done exactly once, and each pair is of equals.
     *
     * @throws io.pgmatch.model.PgmatchException if not
     */
    void check(Bench bench, int elements);

    /** Removes its tables, if there are any. */
    void remove(Bench bench);

    /** What went on in the last drain that explains its figure, or nothing. */
    default String remark() {
        return "";
    }

    /** How many elements a second it gets done: all of the above. */
    default double elementsPerSecond(Bench bench, int elements) throws Exception {
        try {
            bench.progress().begin(name() + ": inserting", 1);
            load(bench, elements);
            bench.settle();
            bench.progress().begin(name(), 1);
            double seconds = drain(bench, elements);
            check(bench, elements);
            return elements / seconds;
        } finally {
            remove(bench);
        }
    }

    /** The same, but it does not matter how fast. */
    default void warmUp(Bench bench, int elements) throws Exception {
        try {
            bench.progress().begin(name() + ": warming up", 1);
            load(bench, elements);
            drain(bench, elements);
        } finally {
            remove(bench);
        }
    }
}
