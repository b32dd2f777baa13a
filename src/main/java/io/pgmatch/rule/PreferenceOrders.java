package io.pgmatch.rule;

import io.pgmatch.rule.Approach.Column;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * By which numbers the database keeps the tasks of each side in order: the rank, by which the search
 * is narrowed, and the preference, where the tasks are preferred in another order than that.
 */
final class PreferenceOrders {
    private final List<Preference> preferences;
    private final @Nullable Ranking ranking;
    private final @Nullable Sides sides;

    PreferenceOrders(List<Preference> preferences, @Nullable Ranking ranking, @Nullable Sides sides) {
        this.preferences = List.copyOf(preferences);
        this.ranking = ranking;
        this.sides = sides;
    }

    /**
     * Where a number of a task comes from.
     *
     * @param attribute whose value it is; null if it is 0 for every task, so that ids decide
     * @param descending whether it is the negative of the value
     */
    record Source(@Nullable Attribute attribute, boolean descending) {
        private static final Source NOTHING = new Source(null, false);
    }

    /**
     * The rank of the tasks of a side, or of all tasks if there are no sides: what the ranking
     * condition compares; without such a condition what is preferred of them.
     */
    Source rank(@Nullable String side) {
        Source preferred = preferred(preferences, side);
        if (ranking == null) {
            return preferred == null ? Source.NOTHING : preferred;
        }
        Attribute attribute = ranking.attribute(side);
        boolean descending =
                preferred != null && preferred.descending() && Objects.equals(preferred.attribute(), attribute);
        return new Source(attribute, descending);
    }

    /** The preference of the tasks of a side; null if they need none, since the rank does. */
    @Nullable
    Source preference(@Nullable String side) {
        Source preferred = preferred(preferences, side);
        if (preferred == null || !preferred.equals(rank(side))) {
            return preferred;
        }
        // Who has no value to be near to goes by id, if that is what is left.
        boolean needsIds = first(preferences, side) instanceof Preference.Nearest nearest
                && nearest.operand().attribute().optional()
                && isDecidedNextById(preferences, side);
        return needsIds ? Source.NOTHING : null;
    }

    /** How seekers come upon the tasks of a side, if these preferences are what they go by. */
    Approach approach(@Nullable String side, List<Preference> effective) {
        Source source = preferred(effective, side);
        if (source == null) {
            return Approach.UNKNOWN;
        }
        Column column = source.equals(rank(side))
                ? Column.RANK
                : source.equals(preference(side)) ? Column.PREFERENCE : Column.NONE;
        Preference first = first(effective, side);
        List<Preference> passed = effective.stream()
                .takeWhile(preference -> !mayConcern(preference, side))
                .toList();
        return Approach.along(
                column, passed, source.attribute() == null ? null : first, isDecidedNextById(effective, side));
    }

    /** What decides first between two tasks of a side; null if that depends on more than the side. */
    private @Nullable Source preferred(List<Preference> effective, @Nullable String side) {
        Preference first = first(effective, side);
        Operand operand = first == null ? null : first.operand();
        if (operand == null) {
            return Source.NOTHING;
        }
        boolean isSure =
                operand.side() == null || (sides != null && sides.attribute().equals(operand.side()));
        return isSure
                ? new Source(operand.attribute(), first instanceof Preference.Extreme extreme && extreme.highest())
                : null;
    }

    private @Nullable Preference first(List<Preference> effective, @Nullable String side) {
        return effective.stream()
                .filter(preference -> mayConcern(preference, side))
                .findFirst()
                .orElse(null);
    }

    /** Whether after the first thing that decides between two tasks of a side their ids do. */
    private boolean isDecidedNextById(List<Preference> effective, @Nullable String side) {
        return effective.stream()
                .filter(preference -> mayConcern(preference, side))
                .skip(1)
                .findFirst()
                .map(preference -> preference instanceof Preference.Oldest)
                .orElse(true);
    }

    /** Two tasks of a side of which a preference does not speak are equal to it. */
    private boolean mayConcern(Preference preference, @Nullable String side) {
        Operand operand = preference.operand();
        return operand == null
                || operand.side() == null
                || sides == null
                || !sides.attribute().equals(operand.side())
                || Objects.equals(operand.sideName(), side);
    }
}
