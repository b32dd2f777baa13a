package io.pgmatch.model;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is to happen in a simulation.
 *
 * @param name what it is called
 * @param rule the rule that it is about, as JSON; null where it holds arrivals only
 * @param events what happens, in the order of time
 */
public record Scenario(String name, @Nullable String rule, List<Event> events) {
    /** Copies the events. */
    public Scenario {
        events = List.copyOf(events);
    }

    /** Something that happens. */
    public sealed interface Event {
        /** When, since the start. */
        Duration at();
    }

    /** The same without what it expects: to see what another rule makes of it. */
    public Scenario withoutExpectations() {
        return new Scenario(
                name,
                rule,
                events.stream()
                        .filter(event -> event instanceof Arrival || event instanceof Cancellation)
                        .toList());
    }

    /**
     * A task is inserted.
     *
     * @param ref the producer's name for it, or null
     * @param attributes JSON
     * @param expiresIn after this it retires; null for never
     */
    public record Arrival(
            Duration at,
            @Nullable String ref,
            String attributes,
            @Nullable Duration expiresIn) implements Event {}

    /** A waiting task is taken back. */
    public record Cancellation(Duration at, String ref) implements Event {}

    /** A task is inserted and must be refused. */
    public record Refusal(Duration at, String ref, String attributes) implements Event {}

    /**
     * How the pool must stand.
     *
     * @param pairs the refs of all pairs so far, in any order; null to expect nothing of them
     * @param waiting the refs of all who wait, in any order; null to expect nothing of them
     */
    public record Expectation(
            Duration at,
            @Nullable Set<Set<String>> pairs,
            @Nullable Set<String> waiting) implements Event {}
}
