package io.pgmatch.bench;

import io.pgmatch.bench.peers.DbScheduler;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The plain loop, one task at a time, beside a job queue that takes one job at a time: tasks a second and
 * worker against jobs a second and thread of {@link DbScheduler}, on the same server, in turns.
 *
 * <p>A pair is two tasks done, as two jobs are. db-scheduler is measured with both settings that its README gives: with
 * the one it takes a job at a time as we do, with the other up to four a thread; we are held against both. A
 * thread of it has help: another thread and connection of its own picks the jobs. A worker of ours has
 * no such help that counts, for the looker sleeps while there is work.
 */
final class JobQueueBeside {
    private final Map<DbScheduler.Picking, Map<Integer, List<Double>>> jobs = new EnumMap<>(DbScheduler.Picking.class);

    /** Has some jobs done that do not count. */
    void warmUp(Bench bench, int count, int threads) throws Exception {
        for (DbScheduler.Picking picking : DbScheduler.Picking.values()) {
            new DbScheduler(threads, picking).warmUp(bench, count);
        }
    }

    /** One round. */
    void measure(Bench bench, int count, int threads) throws Exception {
        for (DbScheduler.Picking picking : DbScheduler.Picking.values()) {
            double rate = new DbScheduler(threads, picking).elementsPerSecond(bench, count);
            jobs.computeIfAbsent(picking, key -> new LinkedHashMap<>())
                    .computeIfAbsent(threads, key -> new ArrayList<>())
                    .add(rate / threads);
        }
    }

    /**
     * What must be reached.
     *
     * @param pairsPerSecond of ours, a value for each round
     */
    List<Figure> ratios(int workers, List<Double> pairsPerSecond) {
        List<Figure> figures = new ArrayList<>();
        jobs.forEach((picking, byThreads) -> {
            List<Double> ratios = new ArrayList<>();
            List<Double> theirs = byThreads.getOrDefault(workers, List.of());
            for (int i = 0; i < theirs.size(); i++) {
                ratios.add(2 * pairsPerSecond.get(i) / workers / theirs.get(i));
            }
            figures.add(Figure.of(named(workers, "worker") + ", " + picking, "of db-scheduler", ratios)
                    .mustReach(Target.atLeast(1)));
        });
        return figures;
    }

    /** What they come from, each a worker or a thread. */
    List<Figure> rates(int workers, List<Double> pairsPerSecond) {
        String unit = "tasks/s each";
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.of(
                named(workers, "worker"),
                unit,
                pairsPerSecond.stream().map(pairs -> 2 * pairs / workers).toList()));
        jobs.forEach((picking, byThreads) -> figures.add(Figure.of(
                "db-scheduler " + picking + ", " + named(workers, "thread"),
                unit,
                byThreads.getOrDefault(workers, List.of()))));
        return figures;
    }

    /** What a reader must know. */
    static List<String> notes() {
        return List.of(
                "A task is done when it is in a pair, a job of db-scheduler when its row is deleted; its jobs do nothing"
                        + " and carry the same data.",
                "db-scheduler polls by lock-and-fetch. " + DbScheduler.Picking.NORMAL
                        + " is its setting for normal use: at one thread it picks one job, runs it, deletes it. "
                        + DbScheduler.Picking.HIGH_THROUGHPUT
                        + " is its setting for high throughput: it picks up to four a thread at once.");
    }

    private static String named(int count, String noun) {
        return count == 1 ? "1 " + noun : count + " " + noun + "s";
    }
}
