package io.pgmatch.bench;

import io.pgmatch.bench.peers.Elements;
import io.pgmatch.bench.peers.Peer;
import io.pgmatch.model.PgmatchException;
import org.jspecify.annotations.Nullable;

/** pgmatch itself, beside the others: the same elements, a matcher in this process as programs embed it. */
final class PgmatchPeer implements Peer {
    private static final String RULE = """
            {"attributes": {"k": {"type": "number"}}, "match": [{"equal": "k"}]}
            """;

    private static final String INSERT = """
            INSERT INTO pgmatch.tasks (pool, attributes) SELECT ?, e.attributes FROM (%s) AS e
            """.formatted(Elements.ATTRIBUTES);

    private static final String UNEQUAL = """
            SELECT count(*) FROM pgmatch.matched_pairs
            WHERE pool = ? AND first_attributes -> 'k' <> second_attributes -> 'k'
            """;

    private final int workers;
    private final int batch;
    private @Nullable BenchPool pool;

    PgmatchPeer(int workers, int batch) {
        this.workers = workers;
        this.batch = batch;
    }

    @Override
    public String name() {
        return batch == 1 ? "pgmatch, one at a time" : "pgmatch";
    }

    @Override
    public String settings() {
        return workers + (workers == 1 ? " worker" : " workers") + ", rounds of " + batch;
    }

    @Override
    public void load(Bench bench, int elements) {
        pool = bench.createPool("peers", RULE);
        pool.pause();
        bench.sql().execute(INSERT, pool.name(), elements);
    }

    @Override
    public double drain(Bench bench, int elements) throws InterruptedException {
        return new Drain(bench, loaded()).byWorkers(workers, batch).seconds();
    }

    @Override
    public void check(Bench bench, int elements) {
        long pairs = bench.requireDrained(loaded(), elements);
        long unequal = bench.sql().number(UNEQUAL, loaded().name());
        if (pairs != elements / 2 || unequal != 0) {
            throw new PgmatchException(
                    "bench: of " + elements + " tasks " + pairs + " pairs were made, " + unequal + " of them unequal");
        }
    }

    @Override
    public void remove(Bench bench) {
        if (pool != null) {
            pool.close();
            pool = null;
        }
    }

    private BenchPool loaded() {
        if (pool == null) {
            throw new IllegalStateException("not loaded");
        }
        return pool;
    }
}
