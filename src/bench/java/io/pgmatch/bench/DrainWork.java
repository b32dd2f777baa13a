package io.pgmatch.bench;

import io.pgmatch.model.PgmatchException;

/**
 * Full pools to drain, each freshly inserted, vacuumed and with a checkpoint behind it; audited afterwards.
 *
 * @param rule the rule that they are drained under
 * @param tasks how many wait in them
 * @param values different values of what must be equal
 * @param batch most tasks that a round claims
 */
record DrainWork(DrainRule rule, int tasks, int values, int batch) {
    /** Most tasks that a process is warmed up with. */
    static final int WARM_UP_TASKS_MAX = 400_000;

    /** What readers must know of every drain. */
    static final String METHOD =
            "each drain is of rows freshly inserted by plain SQL, after VACUUM ANALYZE and CHECKPOINT,"
                    + " timed from the moment the paused pool is resumed to the last commit, and audited: no breach, no legal pair"
                    + " left.";

    /** What drains a pool. */
    interface Drainer {
        Drained drain(Drain drain) throws InterruptedException;
    }

    /** Refuses what a matcher would refuse. */
    static void check(int workers, int batch) {
        try {
            Bench.settings(workers, batch);
        } catch (PgmatchException e) {
            throw new IllegalArgumentException("--" + e.getMessage(), e);
        }
    }

    /** Another number of tasks. */
    DrainWork withTasks(int otherTasks) {
        return new DrainWork(rule, otherTasks, values, batch);
    }

    /** Fills a pool, in which matchers do nothing yet. */
    BenchPool fill(Bench bench, String name) {
        BenchPool pool = bench.createPool(name, rule.rule());
        fill(bench, pool);
        return pool;
    }

    /** Fills an empty pool, in which matchers do nothing until it is resumed. */
    void fill(Bench bench, BenchPool pool) {
        pool.pause();
        pool.insert(rule.attributes(tasks, values), tasks);
        bench.progress().begin("vacuum and checkpoint", 1);
        bench.settle();
    }

    /** Has a pool drained, and checks that it was done right. */
    Drained drain(Bench bench, Drainer drainer) throws InterruptedException {
        try (BenchPool pool = fill(bench, "drain")) {
            Drained drained = drainer.drain(new Drain(bench, pool));
            bench.progress().begin("auditing", 1);
            bench.requireDrained(pool, tasks);
            return drained;
        }
    }

    /** By a matcher in this process. */
    Drained byWorkers(Bench bench, int workers) throws InterruptedException {
        return drain(bench, drain -> drain.byWorkers(workers, batch));
    }

    /** By the floor. */
    Drained floor(Bench bench, int connections) throws InterruptedException {
        try (BenchPool pool = fill(bench, "floor")) {
            return new Floor(bench, pool).run(connections);
        }
    }

    /** The floor pairs neighbours, so there must be an even number of them. */
    static int even(int count) {
        return count - count % 2;
    }
}
