package io.pgmatch.bench;

import io.pgmatch.MatcherConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code drain}: how fast a full pool is paired, as a share of what PostgreSQL could do at best. */
@Command(
        description = {
            "Drains a full pool, in turns with the floor: one SQL statement in a loop that deletes the 4,000 lowest"
                    + " tasks and inserts 2,000 pairs of neighbours, without any search."
        })
public final class DrainScenario implements Scenario {
    private static final int CONNECTIONS_MAX = 16;

    /** One at a time; as many rounds and jobs as Java takes to compile what they are about. */
    private static final int SINGLE_WARM_UP_TASKS_MAX = 20_000;

    @Mixin
    private Tasks tasks = new Tasks();

    @Option(
            names = "--values",
            paramLabel = "N",
            description = "Different values of what must be equal; half as many as there are tasks, or more: each"
                    + " comes twice, far apart. Default: ${DEFAULT-VALUE}.",
            defaultValue = "1000")
    private int values;

    @Option(
            names = "--rule",
            paramLabel = "RULE",
            converter = DrainRule.Converter.class,
            description = "equal, distance or sides; default: ${DEFAULT-VALUE}.",
            defaultValue = "equal")
    private DrainRule rule = DrainRule.EQUAL;

    @Option(
            names = "--batch",
            paramLabel = "K",
            description = "Most tasks that a round claims; default: ${DEFAULT-VALUE}.",
            defaultValue = "" + MatcherConfig.CLAIM_BATCH_DEFAULT)
    private int batch;

    @Option(
            names = {"--connections", "--workers"},
            paramLabel = "A,B",
            split = ",",
            hideParamSyntax = true,
            description = "Workers of the matcher, and connections of the floor; several: one after the other."
                    + " Default: 1,2.",
            defaultValue = "1,2")
    private List<Integer> connections = List.of();

    @Mixin
    private Rounds rounds = new Rounds();

    @Override
    public String name() {
        return "drain";
    }

    @Override
    public void check() {
        rounds.check();
        DrainWork.check(1, batch);
        tasks.check();
        Rounds.requireWithin("--values", values, 1, Tasks.MAX);
        connections.forEach(count -> Rounds.requireWithin("--connections", count, 1, CONNECTIONS_MAX));
    }

    @Override
    public Result run(Bench bench) throws Exception {
        DrainWork work = new DrainWork(rule, DrainWork.even(tasks.count()), values, batch);
        work.withTasks(warmUpTasks()).byWorkers(bench, connections.get(0));
        JobQueueBeside queue = batch == 1 ? new JobQueueBeside() : null;
        if (queue != null) {
            queue.warmUp(bench, warmUpTasks(), connections.get(0));
        }
        Map<Integer, List<Drained>> floors = new LinkedHashMap<>();
        Map<Integer, List<Drained>> drains = new LinkedHashMap<>();
        for (int round = 0; round < rounds.count(); round++) {
            for (int count : connections) {
                // In turns, and the first is not always the same.
                if (queue != null && round % 2 == 1) {
                    queue.measure(bench, DrainWork.even(tasks.count()), count);
                }
                if (round % 2 == 0) {
                    add(floors, count, work.floor(bench, count));
                    add(drains, count, work.byWorkers(bench, count));
                } else {
                    add(drains, count, work.byWorkers(bench, count));
                    add(floors, count, work.floor(bench, count));
                }
                if (queue != null && round % 2 == 0) {
                    queue.measure(bench, DrainWork.even(tasks.count()), count);
                }
            }
        }
        List<Figure> ratios = new ArrayList<>();
        List<Figure> absolutes = new ArrayList<>();
        for (int count : connections) {
            String name = count == 1 ? "1 connection" : count + " connections";
            List<Double> floor = rates(floors.get(count));
            List<Double> drain = rates(drains.get(count));
            List<Double> ratio = new ArrayList<>();
            for (int i = 0; i < floor.size(); i++) {
                ratio.add(drain.get(i) / floor.get(i));
            }
            Figure figure = Figure.of(name, "of floor", ratio);
            if (queue == null) {
                ratios.add(figure.mustReach(target()));
            } else {
                ratios.addAll(queue.ratios(count, drain));
                absolutes.addAll(queue.rates(count, drain));
                absolutes.add(figure);
            }
            absolutes.add(Figure.of(name, "pairs/s", drain));
            absolutes.add(Figure.of(name + ", floor", "pairs/s", floor));
        }
        ratios.addAll(absolutes);
        return new Result(ratios, notes());
    }

    private Target target() {
        return Target.atLeast(
                switch (rule) {
                    case EQUAL -> 2 * values >= tasks.count() ? 0.25 : 0.6;
                    case DISTANCE -> 0.25;
                    case SIDES -> 0.4;
                });
    }

    private int warmUpTasks() {
        return DrainWork.even(
                Math.min(tasks.count(), batch == 1 ? SINGLE_WARM_UP_TASKS_MAX : DrainWork.WARM_UP_TASKS_MAX));
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>(List.of(
                "A matcher in the process of the benchmark, warmed up by " + warmUpTasks() + " tasks; "
                        + DrainWork.METHOD,
                "The floor: " + Floor.TASKS_PER_STATEMENT
                        + " tasks a statement and a commit, the ids at which each begins"
                        + " known beforehand, each connection on ids of its own."));
        if (batch == 1) {
            notes.addAll(JobQueueBeside.notes());
        }
        return notes;
    }

    private static void add(Map<Integer, List<Drained>> byCount, int count, Drained drained) {
        byCount.computeIfAbsent(count, key -> new ArrayList<>()).add(drained);
    }

    private static List<Double> rates(List<Drained> rounds) {
        return rounds.stream().map(Drained::pairsPerSecond).toList();
    }
}
