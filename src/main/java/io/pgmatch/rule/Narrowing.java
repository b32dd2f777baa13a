package io.pgmatch.rule;

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

    /** Narrowing by the conditions that all must hold. */
    Narrowing(AllOf match, Clock clock) {
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

    /** Whether any two tasks of buckets that seek each other may be paired. */
    boolean isExact() {
        return ranking == null && notNarrowed().isEmpty();
    }

    RankRange range(Subject seeker, Instant now) {
        return ranking == null ? RankRange.ZERO : ranking.range(seeker, now);
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
