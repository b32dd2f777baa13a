package io.pgmatch.bench;

import io.pgmatch.model.PgmatchException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run of a scenario.
 *
 * @param scenario its name
 * @param arguments the options it was run with
 * @param result what it yielded; null if it failed
 * @param failure why; null if it did not
 * @param took how long it took in all, preparations and audits included
 * @param loadAverage how many processes wanted a core at its end, its own included
 */
public record BenchRun(
        String scenario,
        List<String> arguments,
        @Nullable Result result,
        @Nullable String failure,
        Duration took,
        String loadAverage) {
    /** Runs a scenario; what it throws is the caller's. */
    public static BenchRun of(Scenario scenario, List<String> options, Bench bench) throws Exception {
        long start = System.nanoTime();
        Result result = scenario.run(bench);
        return new BenchRun(
                scenario.name(),
                List.copyOf(options),
                result,
                null,
                Duration.ofNanos(System.nanoTime() - start),
                Machine.loadAverage());
    }

    /** The same, but a scenario that fails is a run, too, so that others can follow. */
    public static BenchRun tried(Scenario scenario, List<String> options, Bench bench) throws InterruptedException {
        long start = System.nanoTime();
        try {
            return of(scenario, options, bench);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return new BenchRun(
                    scenario.name(),
                    List.copyOf(options),
                    null,
                    e instanceof PgmatchException ? String.valueOf(e.getMessage()) : e.toString(),
                    Duration.ofNanos(System.nanoTime() - start),
                    Machine.loadAverage());
        }
    }

    /** The command that runs it again. */
    public String command() {
        return "./pgmatch bench " + title();
    }

    /** The scenario and its options. */
    public String title() {
        return arguments.isEmpty() ? scenario : scenario + " " + String.join(" ", arguments);
    }

    /** Its figures; none if it failed. */
    public List<Figure> figures() {
        return result == null ? List.of() : result.figures();
    }

    /** What a reader must know. */
    public List<String> notes() {
        return result == null ? List.of() : result.notes();
    }
}
