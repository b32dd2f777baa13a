package io.pgmatch.model;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What came of a simulation. All times are virtual, since its start.
 *
 * @param tasks where the tasks are in the end
 * @param refused one line for each task that the rule refused, with the reason
 * @param gapOf what the gap of a pair is measured in; null if the rule prefers by age alone
 * @param ended when it ended
 * @param asleep tasks that would still have been searched for again later
 * @param judgement what was expected, and what differed
 */
public record SimulationResult(
        Tasks tasks, List<String> refused, @Nullable String gapOf, Duration ended, long asleep, Judgement judgement) {
    private static final int PERCENT = 100;

    /** Copies the lists. */
    public SimulationResult {
        refused = List.copyOf(refused);
    }

    /**
     * Where the tasks are.
     *
     * @param pairs the pairs, in the order in which they were made
     * @param waiting who is left, the oldest first
     * @param retired how many were cancelled or expired
     */
    public record Tasks(List<SimulatedPair> pairs, List<SimulatedTask> waiting, long retired) {
        /** Copies the lists. */
        public Tasks {
            pairs = List.copyOf(pairs);
            waiting = List.copyOf(waiting);
        }
    }

    /**
     * How the simulation compares with what was expected of it.
     *
     * @param expectations how many things were expected
     * @param differences one line for each that came out differently
     */
    public record Judgement(int expectations, List<String> differences) {
        /** Copies the list. */
        public Judgement {
            differences = List.copyOf(differences);
        }
    }

    /**
     * A task that took part.
     *
     * @param ref its ref, or # and its number in the order of arrival
     * @param arrived when it came
     */
    public record SimulatedTask(String ref, Duration arrived) {}

    /**
     * A pair that was made.
     *
     * @param first who came first
     * @param second the other
     * @param at when they were paired
     * @param gap how far apart they are in what is preferred; null if that is not known
     */
    public record SimulatedPair(
            SimulatedTask first,
            SimulatedTask second,
            Duration at,
            @Nullable BigDecimal gap) {
        /** How long the first waited. */
        public Duration firstWaited() {
            return at.minus(first.arrived());
        }

        /** How long the second waited. */
        public Duration secondWaited() {
            return at.minus(second.arrived());
        }
    }

    /** How many tasks came in. */
    public long arrived() {
        return 2L * tasks.pairs().size() + tasks.waiting().size() + tasks.retired();
    }

    /** How many of a hundred tasks that came in found a partner. */
    public double matchRate() {
        return arrived() == 0 ? 0 : 2.0 * PERCENT * tasks.pairs().size() / arrived();
    }

    /** The wait that so many of a hundred paired tasks had at most; empty if there are none. */
    public Optional<Duration> waitPercentile(int percent) {
        return percentile(
                tasks.pairs().stream()
                        .flatMap(pair -> Stream.of(pair.firstWaited(), pair.secondWaited()))
                        .toList(),
                percent);
    }

    /** The gap that so many of a hundred pairs had at most; empty if no gap is known. */
    public Optional<BigDecimal> gapPercentile(int percent) {
        List<BigDecimal> gaps = new ArrayList<>();
        for (SimulatedPair pair : tasks.pairs()) {
            BigDecimal gap = pair.gap();
            if (gap != null) {
                gaps.add(gap);
            }
        }
        return percentile(gaps, percent);
    }

    private static <T extends Comparable<? super T>> Optional<T> percentile(List<T> values, int percent) {
        if (values.isEmpty()) {
            return Optional.empty();
        }
        int rank = Math.max(1, (values.size() * percent + PERCENT - 1) / PERCENT);
        return values.stream().sorted().skip(rank - 1L).findFirst();
    }
}
