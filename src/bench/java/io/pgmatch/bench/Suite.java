package io.pgmatch.bench;

import java.util.List;

/** The scenarios there are, and what {@code bench all} runs of them. */
public final class Suite {
    private Suite() {}

    /**
     * A run of a scenario.
     *
     * @param arguments name and options, as on the command line
     * @param quick options that make it small: to see that it runs, not what it yields
     */
    public record Entry(List<String> arguments, List<String> quick) {
        static Entry of(String arguments, String quick) {
            return new Entry(List.of(arguments.split(" ")), List.of(quick.split(" ")));
        }
    }

    /** A new instance of every scenario. */
    public static List<Scenario> scenarios() {
        return List.of(new DrainScenario(), new SteadyScenario(), new IdleScenario(), new PeersScenario());
    }

    /** What {@code bench all} runs, in this order. */
    public static List<Entry> all() {
        String small = "--tasks 2000 --rounds 1";
        return List.of(
                Entry.of("drain", small),
                Entry.of("drain --values 500000", small + " --values 1000 --connections 1"),
                Entry.of("drain --rule distance", small + " --connections 2"),
                Entry.of("drain --rule sides", small + " --connections 1"),
                Entry.of("drain --batch 1 --tasks 20000", "--tasks 100 --rounds 1 --connections 1"),
                Entry.of("steady", "--rate 200 --seconds 1 --warm-up 0 --waiting 2000"),
                Entry.of(
                        "idle",
                        "--matchers 2 --pools 5 --warm-up 0 --settle 0 --seconds 1 --pairs 4 --pause 10 --long-pairs 0"),
                Entry.of("peers", "--elements 2000 --single-elements 100 --rounds 1 --threads 2"));
    }
}
