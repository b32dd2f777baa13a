package io.pgmatch.bench;

import io.pgmatch.MatcherConfig;
import io.pgmatch.model.PgmatchException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code memory}: a large pool, and a matcher with little memory. */
@Command(
        description = {
            "Drains a large pool by one process of pgmatch run with a small heap; the heap and the resident memory that"
                    + " it came to."
        })
public final class MemoryScenario implements Scenario {
    private static final int TASKS_MAX = 100_000_000;
    private static final int VALUES = 1_000;
    private static final int HEAP_MIN_MEGABYTES = 16;
    private static final int HEAP_MAX_MEGABYTES = 65_536;
    private static final Duration LOOK_PAUSE = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofHours(2);
    private static final double KILOBYTES = 1_024;

    /** A line of the garbage collector's log: how much was in use before and after. */
    private static final Pattern COLLECTION = Pattern.compile("(\\d+)M->(\\d+)M\\(\\d+M\\)");

    private static final Pattern RESIDENT = Pattern.compile("VmHWM:\\s*(\\d+) kB");

    @Option(
            names = "--tasks",
            paramLabel = "N",
            description = "Tasks to drain; default: ${DEFAULT-VALUE}.",
            defaultValue = "5000000")
    private int tasks;

    @Option(
            names = "--heap",
            paramLabel = "MB",
            description = "The heap of the matcher (-Xmx) in megabytes; default: ${DEFAULT-VALUE}.",
            defaultValue = "64")
    private int heap;

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public void check() {
        Rounds.requireWithin("--tasks", tasks, 1, TASKS_MAX);
        Rounds.requireWithin("--heap", heap, HEAP_MIN_MEGABYTES, HEAP_MAX_MEGABYTES);
    }

    @Override
    public Result run(Bench bench) throws Exception {
        DrainWork work = new DrainWork(DrainRule.EQUAL, tasks, VALUES, MatcherConfig.CLAIM_BATCH_DEFAULT);
        // Java would move a file that is there already out of the way.
        Path directory = Files.createTempDirectory("pgmatch-bench-");
        Path collections = directory.resolve("gc.log");
        try (BenchPool pool = work.fill(bench, name())) {
            pool.resume();
            long resident;
            double seconds;
            long start = System.nanoTime();
            try (MatcherProcess process = bench.start(
                    List.of("-Xmx" + heap + "m", "-Xlog:gc:file=" + collections + "::filecount=0"),
                    List.of("run", "--drain", "--pools", pool.name()))) {
                bench.progress().begin("draining", tasks / 2);
                resident = watch(bench, process, start + PATIENCE.toNanos());
                process.awaitEnd(PATIENCE);
                seconds = (System.nanoTime() - start) / 1e9;
            }
            bench.progress().begin("auditing", 1);
            long pairs = bench.requireDrained(pool, tasks);
            return result(pairs / seconds, resident, collections);
        } finally {
            Files.deleteIfExists(collections);
            Files.deleteIfExists(directory);
        }
    }

    private Result result(double pairsPerSecond, long residentKilobytes, Path collections) throws IOException {
        List<Figure> figures = new ArrayList<>();
        figures.add(
                Figure.of("completes with -Xmx" + heap + "m", "of the runs", 1).mustReach(Target.atLeast(1)));
        long before = 0;
        long after = 0;
        try (Stream<String> lines = Files.lines(collections)) {
            for (String line : lines.toList()) {
                Matcher matcher = COLLECTION.matcher(line);
                if (matcher.find()) {
                    before = Math.max(before, Long.parseLong(matcher.group(1)));
                    after = Math.max(after, Long.parseLong(matcher.group(2)));
                }
            }
        }
        figures.add(Figure.of("heap, most in use", "MB", before));
        figures.add(Figure.of("heap, most after a collection", "MB", after));
        if (residentKilobytes > 0) {
            figures.add(Figure.of("resident, most", "MB", residentKilobytes / KILOBYTES));
        }
        figures.add(Figure.of("start of the process included", "pairs/s", pairsPerSecond));
        return new Result(
                figures,
                List.of("One process, pgmatch run --drain with -Xmx" + heap
                        + "m; exit code 0 and a clean audit count as completed. Heap by the log of the collector,"
                        + " resident memory by the system (Linux only)."));
    }

    /** Waits for the process; returns the most memory that it had in kilobytes, or 0 where nobody says. */
    private static long watch(Bench bench, MatcherProcess process, long deadline) throws InterruptedException {
        long most = 0;
        Path status = Path.of("/proc", Long.toString(process.processId()), "status");
        while (process.isAlive()) {
            if (System.nanoTime() > deadline) {
                throw new PgmatchException("bench: not drained within " + PATIENCE.toMinutes() + " minutes");
            }
            most = Math.max(most, resident(status));
            bench.progress().at(process.pairsSoFar());
            Thread.sleep(LOOK_PAUSE.toMillis());
        }
        return most;
    }

    private static long resident(Path status) {
        try {
            Matcher matcher = RESIDENT.matcher(Files.readString(status));
            return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
        } catch (IOException | UncheckedIOException e) {
            // It has just ended, or the system is another one.
            return 0;
        }
    }
}
