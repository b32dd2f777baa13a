package io.pgmatch.bench;

import io.pgmatch.MatcherConfig;
import io.pgmatch.bench.peers.DbScheduler;
import io.pgmatch.bench.peers.LockingLoop;
import io.pgmatch.bench.peers.NextTwoRows;
import io.pgmatch.bench.peers.Peer;
import io.pgmatch.bench.peers.SingleAcceptor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code peers}: other ways to do it, beside ours. */
@Command(
        description = {
            "The same elements through pgmatch and through what one might do instead: a job queue (db-scheduler, which"
                    + " completes jobs and pairs nothing), the plain loop with UPDATE locks and no SKIP LOCKED, \"take"
                    + " the next two rows\" under REPEATABLE READ with retries, many searchers with one acceptor."
        })
public final class PeersScenario implements Scenario {
    private static final int ELEMENTS_MAX = 100_000_000;
    private static final int WORKERS_MAX = 64;
    private static final String UNIT = "elements/s";

    @Option(
            names = "--elements",
            paramLabel = "N",
            description = "Elements for those that take many at a time; default: ${DEFAULT-VALUE}.",
            defaultValue = "400000")
    private int elements;

    @Option(
            names = "--single-elements",
            paramLabel = "N",
            description = "Elements for those that take one at a time; default: ${DEFAULT-VALUE}.",
            defaultValue = "20000")
    private int singleElements;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Workers of each that pairs; default: ${DEFAULT-VALUE}.",
            defaultValue = "2")
    private int workers;

    @Option(
            names = "--searchers",
            paramLabel = "N",
            description = "Searchers beside the one acceptor; default: ${DEFAULT-VALUE}.",
            defaultValue = "4")
    private int searchers;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of db-scheduler; default: ${DEFAULT-VALUE}, as is its own.",
            defaultValue = "10")
    private int threads;

    @Mixin
    private Rounds rounds = new Rounds();

    private record Course(Peer peer, int elements, List<Double> rates, List<String> remarks) {
        Course(Peer peer, int elements) {
            this(peer, elements - elements % 2, new ArrayList<>(), new ArrayList<>());
        }
    }

    @Override
    public String name() {
        return "peers";
    }

    @Override
    public void check() {
        rounds.check();
        Rounds.requireWithin("--elements", elements, 2, ELEMENTS_MAX);
        Rounds.requireWithin("--single-elements", singleElements, 2, ELEMENTS_MAX);
        Rounds.requireWithin("--workers", workers, 1, WORKERS_MAX);
        Rounds.requireWithin("--searchers", searchers, 1, WORKERS_MAX);
        Rounds.requireWithin("--threads", threads, 1, WORKERS_MAX);
    }

    @Override
    public Result run(Bench bench) throws Exception {
        List<Course> courses = List.of(
                new Course(new PgmatchPeer(workers, MatcherConfig.CLAIM_BATCH_DEFAULT), elements),
                new Course(new PgmatchPeer(workers, 1), singleElements),
                new Course(new DbScheduler(threads, DbScheduler.Picking.HIGH_THROUGHPUT), singleElements),
                new Course(new LockingLoop(workers, LockingLoop.Mark.AT_ONCE), singleElements),
                new Course(new LockingLoop(workers, LockingLoop.Mark.WITH_PAIR), singleElements),
                new Course(new NextTwoRows(workers), singleElements),
                new Course(new SingleAcceptor(searchers), elements));
        for (Course course : courses) {
            course.peer().warmUp(bench, fifth(course.elements()));
        }
        for (int round = 0; round < rounds.count(); round++) {
            List<Course> turns = new ArrayList<>(courses);
            // In turns, and the first is not always the same.
            Collections.rotate(turns, round);
            for (Course course : turns) {
                course.rates().add(course.peer().elementsPerSecond(bench, course.elements()));
                course.remarks().add(course.peer().remark());
            }
        }
        return new Result(figures(courses), notes(courses));
    }

    private static int fifth(int elements) {
        int fifth = elements / 5;
        return Math.max(2, fifth - fifth % 2);
    }

    private static List<Figure> figures(List<Course> courses) {
        List<Figure> figures = new ArrayList<>();
        List<Double> ours = courses.get(0).rates();
        for (Course course : courses) {
            figures.add(Figure.of(course.peer().name(), UNIT, course.rates()));
        }
        for (Course course : courses.subList(1, courses.size())) {
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < ours.size(); i++) {
                ratios.add(course.rates().get(i) / ours.get(i));
            }
            figures.add(Figure.of(course.peer().name(), "of pgmatch", ratios));
        }
        return figures;
    }

    private static List<String> notes(List<Course> courses) {
        List<String> notes = new ArrayList<>();
        for (Course course : courses) {
            String remarks = String.join(
                    ", ",
                    course.remarks().stream()
                            .filter(remark -> !remark.isEmpty())
                            .toList());
            notes.add("%s: %,d elements; %s%s."
                    .formatted(
                            course.peer().name(),
                            course.elements(),
                            course.peer().settings(),
                            remarks.isEmpty() ? "" : "; by round: " + remarks));
        }
        notes.add("Each was warmed up with a fifth of its elements, and in each round every element was done exactly"
                + " once and every pair is of equals.");
        notes.add("db-scheduler completes jobs one by one and pairs nothing: what a job queue costs by itself.");
        notes.add("The tables of the others have the columns of ours that count here, no trigger, and two indexes"
                + " instead of four (and two that are empty here): what their statements need. An element that fits"
                + " nobody would stop the loops; here there is none.");
        return notes;
    }
}
