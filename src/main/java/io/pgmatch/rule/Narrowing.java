package io.pgmatch.rule;

import io.pgmatch.model.SearchPlan;
import io.pgmatch.model.SearchPlan.PlacedCondition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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

    /**
     * What the tasks of a side are ranked by, or of any side if there are none: what the ranking
     * condition compares; without such a condition what is preferred of them. Null for nothing.
     */
    @Nullable
    Attribute rankedBy(@Nullable String side) {
        if (ranking != null) {
            return ranking.attribute(side);
        }
        return preference(side) instanceof Preference.Extreme extreme
                ? extreme.operand().attribute()
                : null;
    }

    /** Whether the rank of such a task is the negative of its value: the highest are preferred. */
    boolean isDescending(@Nullable String side) {
        return preference(side) instanceof Preference.Extreme extreme
                && extreme.highest()
                && extreme.operand().attribute().equals(rankedBy(side));
    }

    /** Where the seeker's partners lie in each of the buckets that it seeks, in their order. */
    List<Stretch> stretches(Subject seeker, Instant now) {
        if (sides == null) {
            return List.of(stretch(null, seeker, now));
        }
        Object side = seeker.value(sides.attribute());
        return side == null
                ? List.of()
                : new TreeSet<>(sides.partners().getOrDefault(side, Set.of()))
                        .stream().map(partner -> stretch(partner, seeker, now)).toList();
    }

    private Stretch stretch(@Nullable String side, Subject seeker, Instant now) {
        Attribute rankedBy = rankedBy(side);
        if (rankedBy == null) {
            return new Stretch(RankRange.ZERO, preference(side) == null);
        }
        RankRange range = ranking == null ? RankRange.ALL : ranking.range(seeker, now);
        boolean ordered = preference(side) instanceof Preference.Extreme extreme
                && extreme.operand().attribute().equals(rankedBy)
                && isLast(extreme, side);
        return new Stretch(isDescending(side) ? range.negated() : range, ordered);
    }

    /** The first thing that decides between two tasks of a side; null if their ids do. */
    private @Nullable Preference preference(@Nullable String side) {
        return preferences.stream()
                .filter(preference -> concerns(preference, side))
                .findFirst()
                .filter(preference -> !(preference instanceof Preference.Oldest))
                .orElse(null);
    }

    /** Whether after that preference only the ids decide. */
    private boolean isLast(Preference first, @Nullable String side) {
        return preferences.stream()
                .filter(preference -> concerns(preference, side))
                .dropWhile(preference -> !preference.equals(first))
                .skip(1)
                .findFirst()
                .map(preference -> preference instanceof Preference.Oldest)
                .orElse(true);
    }

    /** Two tasks of a side of which a preference does not speak are equal to it. */
    private static boolean concerns(Preference preference, @Nullable String side) {
        Operand operand = preference instanceof Preference.Extreme extreme
                ? extreme.operand()
                : preference instanceof Preference.Nearest nearest ? nearest.operand() : null;
        return operand == null
                || operand.sideName() == null
                || operand.sideName().equals(side);
    }

    /** Whether any two tasks of buckets that seek each other may be paired, the oldest first. */
    boolean isExact() {
        return ranking == null
                && preferences.stream().allMatch(Preference.Oldest.class::isInstance)
                && notNarrowed().isEmpty();
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
