package io.pgmatch.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
        /** Which scenario it is a run of. */
        public String scenario() {
            return arguments.get(0);
        }

        /** The arguments with the quick options, which win. */
        public List<String> small() {
            Map<String, String> options = new LinkedHashMap<>();
            put(options, arguments.subList(1, arguments.size()));
            put(options, quick);
            List<String> all = new ArrayList<>(List.of(arguments.get(0)));
            options.forEach((option, value) -> all.addAll(List.of(option, value)));
            return all;
        }

        private static void put(Map<String, String> options, List<String> pairs) {
            for (int i = 0; i + 1 < pairs.size(); i += 2) {
                options.put(pairs.get(i), pairs.get(i + 1));
            }
        }

        static Entry of(String arguments, String quick) {
            return new Entry(List.of(arguments.split(" ")), List.of(quick.split(" ")));
        }
    }

    /** A new instance of every scenario. */
    public static List<Scenario> scenarios() {
        return List.of(
                new DrainScenario(),
                new FlatScenario(),
                new ScaleScenario(),
                new OldSnapshotScenario(),
                new SteadyScenario(),
                new IdleScenario(),
                new PeersScenario(),
                new MemoryScenario());
    }

    /** What {@code bench all} runs, in this order. */
    public static List<Entry> all() {
        String small = "--tasks 1000 --rounds 1";
        return List.of(
                Entry.of("drain", small),
                Entry.of("drain --values 500000", small + " --values 1000 --connections 1"),
                Entry.of("drain --rule distance", small + " --connections 2"),
                Entry.of("drain --rule sides", small + " --connections 1"),
                Entry.of("drain --batch 1 --tasks 10000", "--tasks 20 --rounds 1 --connections 1"),
                Entry.of("flat", "--waiting 50,500 --pairs 3 --rounds 1"),
                Entry.of(
                        "flat --rule all --prefer all --waiting 1000,1000000",
                        "--rule distance --prefer lowest --waiting 20,60 --pairs 1 --rounds 1"),
                Entry.of("scale", small + " --processes 2"),
                Entry.of("oldsnapshot", small),
                Entry.of("steady", "--rate 100 --seconds 1 --warm-up 0 --waiting 1000"),
                Entry.of(
                        "idle",
                        "--matchers 2 --pools 5 --warm-up 0 --settle 0 --seconds 1 --pairs 2 --pause 10 --long-pairs 0"),
                Entry.of("peers", "--elements 200 --single-elements 20 --rounds 1 --threads 2 --searchers 2"),
                Entry.of("memory", "--tasks 1000"));
    }
}
