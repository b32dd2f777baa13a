package io.pgmatch.rule;

import io.pgmatch.model.SearchPlan;
import io.pgmatch.model.SearchPlan.PlacedCondition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the database narrows the search by: the values that must be equal and the side make the
 * bucket, one condition makes the rank. It never excludes a pair that the rule accepts.
 */
final class Narrowing {
    private final Set<String> equal = new TreeSet<>();
    private final Set<String> places = new LinkedHashSet<>();
    private final List<Clause> clauses = new ArrayList<>();
    private final @Nullable Sides sides;
    private final @Nullable Ranking ranking;
    private final List<Preference> preferences;
    private final PreferenceOrders orders;

    /** What each side may be paired with, in order; null, for all, if there are no sides. */
    private final Map<String, List<String>> partners = new HashMap<>();

    /** How tasks of each side are come upon; of the side null, if there are no sides. */
    private final Map<@Nullable String, Access> accesses = new HashMap<>();

    /**
     * How tasks of a side are come upon.
     *
     * @param rank what their rank is
     * @param approach of a seeker that has all the values that it prefers by
     */
    private record Access(PreferenceOrders.Source rank, Approach approach) {}

    /** Narrowing by the conditions that all must hold. */
    Narrowing(AllOf match, List<Preference> preferences, Clock clock) {
        flatten(match);
        Sides found = null;
        for (Clause clause : clauses) {
            if (clause.isLasting() && clause.condition() instanceof Equal condition) {
                condition.attributes().forEach(attribute -> equal.add(attribute.name()));
                places.add(clause.place());
            } else if (found == null && clause.isLasting() && clause.condition() instanceof Sides condition) {
                found = condition;
                places.add(clause.place());
            }
        }
        this.sides = found;
        this.preferences = List.copyOf(preferences);
        this.ranking = Ranking.of(clauses, found, clock);
        if (ranking != null) {
            places.add(ranking.place());
        }
        this.orders = new PreferenceOrders(preferences, ranking, sides);
        if (sides == null) {
            accesses.put(null, access(null));
        } else {
            sides.partners().forEach((side, others) -> {
                partners.put(side, List.copyOf(new TreeSet<>(others)));
                accesses.put(side, access(side));
            });
        }
    }

    /** The names of the attributes that must be equal, in alphabetical order. */
    Set<String> equal() {
        return equal;
    }

    @Nullable
    Sides sides() {
        return sides;
    }

    @Nullable
    Ranking ranking() {
        return ranking;
    }

    /** By which numbers the tasks of each side are in order. */
    PreferenceOrders orders() {
        return orders;
    }

    /** Where the seeker's partners lie in each of the buckets that it seeks, in their order. */
    List<Stretch> stretches(Subject seeker, Instant now) {
        if (sides == null) {
            return List.of(stretch(null, seeker, now));
        }
        Object side = seeker.value(sides.attribute());
        return !(side instanceof String name)
                ? List.of()
                : partners.getOrDefault(name, List.of()).stream()
                        .map(partner -> stretch(partner, seeker, now))
                        .toList();
    }

    private Access access(@Nullable String side) {
        return new Access(orders.rank(side), orders.approach(side, preferences));
    }

    private Stretch stretch(@Nullable String side, Subject seeker, Instant now) {
        Access access = Objects.requireNonNull(accesses.get(side));
        RankRange range = access.rank().attribute() == null
                ? RankRange.ZERO
                : ranking == null ? RankRange.ALL : ranking.range(seeker, now);
        return new Stretch(
                access.rank().descending() ? range.negated() : range,
                approach(access.approach(), side, seeker).of(seeker));
    }

    private Approach approach(Approach usual, @Nullable String side, Subject seeker) {
        for (Preference preference : preferences) {
            if (preference.leavesOpen(seeker)) {
                return orders.approach(
                        side,
                        preferences.stream()
                                .filter(decides -> !decides.leavesOpen(seeker))
                                .toList());
            }
        }
        return usual;
    }

    /** Whether any two tasks of buckets that seek each other may be paired, the oldest first. */
    boolean isExact() {
        return ranking == null
                && preferences.stream().allMatch(Preference.Oldest.class::isInstance)
                && notNarrowed().isEmpty();
    }

    /** Whether each side goes with one side only; so it does where there are none. */
    boolean isOneToOne() {
        return partners.values().stream().allMatch(others -> others.size() == 1);
    }

    /** The places of the conditions that the database narrows by. */
    List<String> narrowed() {
        return List.copyOf(places);
    }

    /** The places of the conditions that only the judge knows. */
    List<String> notNarrowed() {
        return clauses.stream()
                .map(Clause::place)
                .filter(place -> !places.contains(place))
                .toList();
    }

    /** Both, with the conditions themselves, in the order in which they stand in the rule. */
    SearchPlan plan() {
        List<PlacedCondition> narrowed = new ArrayList<>();
        List<PlacedCondition> paged = new ArrayList<>();
        for (Clause clause : clauses) {
            (places.contains(clause.place()) ? narrowed : paged)
                    .add(new PlacedCondition(clause.place(), clause.source()));
        }
        return new SearchPlan(narrowed, paged);
    }

    /** Conditions within an {@code all} that stays are as good as those beside it. */
    private void flatten(AllOf conditions) {
        for (Clause clause : conditions.parts()) {
            if (clause.isLasting() && clause.condition() instanceof AllOf all) {
                flatten(all);
            } else {
                clauses.add(clause);
            }
        }
    }
}
