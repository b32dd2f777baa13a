package io.pgmatch.bench;

import io.pgmatch.MatcherConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scale}: the same pool drained by one matcher process and by several. */
@Command(
        description = {
            "Drains a full pool by one matcher process, by two, by more; how often they could not take a partner"
                    + " because another held it."
        })
public final class ScaleScenario implements Scenario {
    private static final double OF_BEST_LEAST = 0.9;
    private static final int PROCESSES_MAX = 24;
    private static final int VALUES = 1_000;

    /** Drains before the first that counts, for each process of a group: what is asked for is not how long Java takes to compile. */
    private static final int WARM_UPS = 2;

    @Mixin
    private Tasks tasks = new Tasks();

    @Option(
            names = "--processes",
            paramLabel = "A,B",
            split = ",",
            hideParamSyntax = true,
            description = "How many matcher processes, with a worker each; default: ${DEFAULT-VALUE}.",
            defaultValue = "1,2,4,8")
    private List<Integer> processes = List.of();

    @Option(
            names = "--batch",
            paramLabel = "K",
            description = "Most tasks that a round claims; default: ${DEFAULT-VALUE}.",
            defaultValue = "" + MatcherConfig.CLAIM_BATCH_DEFAULT)
    private int batch;

    @Mixin
    private Rounds rounds = new Rounds();

    @Override
    public String name() {
        return "scale";
    }

    @Override
    public void check() {
        rounds.check();
        DrainWork.check(1, batch);
        tasks.check();
        processes.forEach(count -> Rounds.requireWithin("--processes", count, 1, PROCESSES_MAX));
    }

    @Override
    public Result run(Bench bench) throws InterruptedException {
        DrainWork work = new DrainWork(DrainRule.EQUAL, tasks.count(), VALUES, batch);
        Map<Integer, MatcherGroup> groups = new LinkedHashMap<>();
        try {
            for (int count : processes) {
                groups.put(count, MatcherGroup.start(bench, work, count));
            }
            for (int count : processes) {
                for (int i = 0; i < WARM_UPS * count; i++) {
                    groups.get(count).drain(work.withTasks(warmUpTasks()));
                }
            }
            Map<Integer, List<Drained>> drains = new LinkedHashMap<>();
            for (int round = 0; round < rounds.count(); round++) {
                for (int i = 0; i < processes.size(); i++) {
                    // In turns, and the first is not always the same.
                    int count = processes.get((i + round) % processes.size());
                    drains.computeIfAbsent(count, key -> new ArrayList<>())
                            .add(groups.get(count).drain(work));
                }
            }
            return new Result(figures(drains, groups), notes());
        } finally {
            groups.values().forEach(MatcherGroup::close);
        }
    }

    private List<Figure> figures(Map<Integer, List<Drained>> drains, Map<Integer, MatcherGroup> groups)
            throws InterruptedException {
        List<Figure> figures = new ArrayList<>();
        int most = processes.get(processes.size() - 1);
        figures.add(
                Figure.of(named(most), "of the best", ofBest(drains, most)).mustReach(Target.atLeast(OF_BEST_LEAST)));
        for (int count : processes) {
            List<Drained> drained = drains.get(count);
            figures.add(Figure.of(
                            named(count),
                            "pairs/s",
                            drained.stream().map(Drained::pairsPerSecond).toList())
                    .at("pairs/s", count));
        }
        for (int count : processes) {
            double contended = groups.get(count).stop();
            figures.add(
                    Figure.of(named(count), "contended takes", List.of(contended / (WARM_UPS * count + rounds.count())))
                            .at("contended takes", count));
        }
        return figures;
    }

    private int warmUpTasks() {
        return Math.min(tasks.count(), DrainWork.WARM_UP_TASKS_MAX);
    }

    private List<String> notes() {
        return List.of(
                "Each process is pgmatch run with one worker. Each group drains " + WARM_UPS + " pools of "
                        + warmUpTasks() + " tasks for each of its processes before the first that counts; "
                        + DrainWork.METHOD,
                "A contended take is a partner that was found and could not be locked, because another held it: the mean"
                        + " of a drain.");
    }

    private List<Double> ofBest(Map<Integer, List<Drained>> drains, int count) {
        return IntStream.range(0, rounds.count())
                .mapToObj(round -> drains.get(count).get(round).pairsPerSecond()
                        / drains.values().stream()
                                .mapToDouble(each -> each.get(round).pairsPerSecond())
                                .max()
                                .orElseThrow())
                .toList();
    }

    private static String named(int count) {
        return count == 1 ? "1 process" : count + " processes";
    }
}
