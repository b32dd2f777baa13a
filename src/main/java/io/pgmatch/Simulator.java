package io.pgmatch;

import io.pgmatch.matching.JavaFailures;
import io.pgmatch.matching.ScenarioReader;
import io.pgmatch.matching.Simulation;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.Scenario;
import io.pgmatch.model.Scenario.Arrival;
import io.pgmatch.model.Scenario.Cancellation;
import io.pgmatch.model.Scenario.Event;
import io.pgmatch.model.Scenario.Expectation;
import io.pgmatch.model.Scenario.Refusal;
import io.pgmatch.model.SimulationResult;
import io.pgmatch.model.SimulationResult.Judgement;
import io.pgmatch.model.SimulationResult.SimulatedTask;
import io.pgmatch.model.SimulationResult.Tasks;
import io.pgmatch.rule.Rule;
import io.pgmatch.rule.RuleLanguage;
import io.pgmatch.store.Database;
import io.pgmatch.store.Schema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Tries rules out: runs scenarios under virtual time through the rounds of real matchers. Wants a
 * database of its own, which nobody else uses and which may be thrown away afterwards. Used by one
 * thread.
 */
public final class Simulator {
    /** What is recorded is followed for so long after the last arrival. */
    private static final Duration TAIL_MAX = Duration.ofDays(1);

    private static final int TAIL_STEPS_MAX = 100_000;

    private final Database database;
    private final RuleLanguage language;
    private int simulations;

    private Simulator(Database database, RuleLanguage language) {
        this.database = database;
        this.language = language;
    }

    /**
     * A simulator; brings the schema of its database up to date.
     *
     * @param throwaway the database, which must be for nothing else
     * @param classLoader finds conditions written in Java; null if rules name none
     */
    public static Simulator on(DataSource throwaway, @Nullable ClassLoader classLoader) {
        Database database = new Database(throwaway);
        new Schema(database).migrate();
        return new Simulator(database, JavaFailures.language(classLoader, () -> {}));
    }

    /**
     * Reads a case: a rule, and a timeline with what is expected of it.
     *
     * @throws PgmatchException if it is none; the message names the place, what was wanted and what came
     */
    public static Scenario readCase(String json) {
        return ScenarioReader.readCase(json);
    }

    /**
     * Reads recorded arrivals, one JSON object a line: {@code {"at": …, "ref": …, "attributes": …}}, where
     * {@code at} is a duration since the start, or a time.
     *
     * @param name what messages and reports call them
     * @throws PgmatchException if a line is none; the message names it
     */
    public static Scenario readArrivals(String name, Iterable<String> lines) {
        return ScenarioReader.readArrivals(name, lines);
    }

    /** Runs a scenario under its own rule. */
    public SimulationResult run(Scenario scenario, LongConsumer progress) {
        String rule = scenario.rule();
        if (rule == null) {
            throw new IllegalArgumentException("scenario: wanted one with a rule");
        }
        return run(scenario, rule, null, progress);
    }

    /**
     * Runs a scenario under a rule. One without a rule of its own holds arrivals only, and is followed
     * until nothing more happens, for a day at most.
     *
     * @param rule the rule as JSON
     * @param gapRule the rule by whose preference gaps are measured; null for the same
     * @param progress hears how many events are done
     */
    public SimulationResult run(Scenario scenario, String rule, @Nullable String gapRule, LongConsumer progress) {
        Simulation simulation = new Simulation(database, language, "simulation-" + ++simulations, rule);
        Rule gaps = gapRule == null ? simulation.rule() : language.parse(gapRule);
        boolean strict =
                scenario.events().stream().anyMatch(event -> event instanceof Expectation || event instanceof Refusal);
        Run run = new Run(simulation, gaps.gapName() == null ? simulation.rule() : gaps, strict);
        long done = 0;
        for (Event event : scenario.events()) {
            run.happen(event);
            progress.accept(++done);
        }
        if (scenario.rule() == null) {
            run.followToTheEnd();
        }
        return run.result();
    }

    /** One run of a scenario. */
    private static final class Run {
        private final Simulation simulation;
        private final Rule gaps;

        /** Whether a task that is refused, or a cancel without effect, is a difference. */
        private final boolean strict;

        private final List<String> refused = new ArrayList<>();
        private final List<String> differences = new ArrayList<>();
        private int expectations;

        Run(Simulation simulation, Rule gaps, boolean strict) {
            this.simulation = simulation;
            this.gaps = gaps;
            this.strict = strict;
        }

        void happen(Event event) {
            simulation.advance(event.at());
            if (event instanceof Arrival arrival) {
                arrive(arrival);
            } else if (event instanceof Cancellation cancellation) {
                if (!simulation.cancel(cancellation.ref()) && strict) {
                    differ(event, cancellation.ref() + " does not wait and cannot be cancelled");
                }
            } else if (event instanceof Refusal refusal) {
                refuse(refusal);
            } else if (event instanceof Expectation expectation) {
                expect(expectation);
            }
        }

        void followToTheEnd() {
            Duration end = simulation.now().plus(TAIL_MAX);
            for (int steps = 0; steps < TAIL_STEPS_MAX; steps++) {
                Optional<Duration> next = simulation.next().filter(instant -> instant.compareTo(end) <= 0);
                if (next.isEmpty()) {
                    return;
                }
                simulation.advance(next.get());
            }
        }

        SimulationResult result() {
            return new SimulationResult(
                    new Tasks(simulation.pairs(gaps), simulation.waiting(), simulation.retired()),
                    refused,
                    gaps.gapName(),
                    simulation.now(),
                    simulation.asleep(),
                    new Judgement(expectations, differences));
        }

        private void arrive(Arrival task) {
            try {
                simulation.add(task);
            } catch (PgmatchException e) {
                if (e.isTransient()) {
                    throw e;
                }
                String ref = task.ref() == null ? "a task" : task.ref();
                refused.add(ref + " at " + shown(task.at()) + ": " + e.getMessage());
                if (strict) {
                    differ(task, "wanted " + ref + " to be taken in: " + e.getMessage());
                }
            }
        }

        private void refuse(Refusal refusal) {
            expectations++;
            try {
                simulation.add(new Arrival(refusal.at(), refusal.ref(), refusal.attributes(), null));
                differ(refusal, refusal.ref() + " was taken in, wanted a refusal");
            } catch (PgmatchException e) {
                if (e.isTransient()) {
                    throw e;
                }
            }
        }

        private void expect(Expectation expectation) {
            Set<Set<String>> wantedPairs = expectation.pairs();
            if (wantedPairs != null) {
                expectations++;
                Set<Set<String>> pairs = simulation.pairs(gaps).stream()
                        .map(pair -> Set.of(pair.first().ref(), pair.second().ref()))
                        .collect(Collectors.toSet());
                missing(wantedPairs, pairs).forEach(pair -> differ(expectation, "wanted the pair " + pair));
                missing(pairs, wantedPairs)
                        .forEach(pair -> differ(expectation, "got the pair " + pair + ", which was not wanted"));
            }
            Set<String> wantedWaiting = expectation.waiting();
            if (wantedWaiting != null) {
                expectations++;
                Set<String> waiting =
                        simulation.waiting().stream().map(SimulatedTask::ref).collect(Collectors.toSet());
                missing(singles(wantedWaiting), singles(waiting))
                        .forEach(ref -> differ(expectation, "wanted " + ref + " to wait"));
                missing(singles(waiting), singles(wantedWaiting))
                        .forEach(ref -> differ(expectation, ref + " waits, which was not wanted"));
            }
        }

        private void differ(Event event, String difference) {
            differences.add("at " + shown(event.at()) + ": " + difference);
        }

        private static Set<Set<String>> singles(Set<String> refs) {
            return refs.stream().map(Set::of).collect(Collectors.toSet());
        }

        /** What of the one set is not in the other, as text, in a fixed order. */
        private static Collection<String> missing(Set<Set<String>> wanted, Set<Set<String>> got) {
            Set<Set<String>> missing = new HashSet<>(wanted);
            missing.removeAll(got);
            return missing.stream()
                    .map(refs -> String.join(" and ", new TreeSet<>(refs)))
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        private static String shown(Duration at) {
            return ScenarioReader.shown(at);
        }
    }
}
