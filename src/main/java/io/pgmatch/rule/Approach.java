package io.pgmatch.rule;

import io.pgmatch.model.Window;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a seeker comes upon the tasks of a bucket in the order in which it prefers them, along one of
 * the indexes: the oldest by id, the lowest from the bottom, the highest from the top (their numbers
 * are stored negated), the nearest from the seeker's own number in both directions. Immutable.
 *
 * <p>Implementation notes. What lies beyond a point of an index is known by its number alone, rounded
 * as {@link Rank} says. It is compared in exact decimals with the partner that the seeker would get,
 * and wherever it might be as good, in doubt, it is read.
 */
public final class Approach {
    /** No index has the order. */
    static final Approach UNKNOWN = new Approach(Column.NONE, List.of(), null, false, null);

    /** The numbers by which an index orders a bucket. */
    enum Column {
        NONE,
        RANK,
        PREFERENCE
    }

    private final Column column;

    /** Preferences that come first and say nothing of the bucket's tasks. */
    private final List<Preference> passed;

    /** What decides first between the bucket's tasks; null if their ids do. */
    private final @Nullable Preference first;

    /** Whether ids decide next. */
    private final boolean tiesById;

    /** For the nearest: the seeker's own value. */
    private final @Nullable Object wanted;

    private Approach(
            Column column,
            List<Preference> passed,
            @Nullable Preference first,
            boolean tiesById,
            @Nullable Object wanted) {
        this.column = column;
        this.passed = passed;
        this.first = first;
        this.tiesById = tiesById;
        this.wanted = wanted;
    }

    /** An approach along that column, the same for every seeker unless {@code first} is the nearest. */
    static Approach along(Column column, List<Preference> passed, @Nullable Preference first, boolean tiesById) {
        return new Approach(column, passed, first, tiesById, null);
    }

    /** The approach of a seeker, which has the value that the nearest are measured from. */
    Approach of(Subject seeker) {
        return first instanceof Preference.Nearest nearest && column != Column.NONE
                ? new Approach(
                        column,
                        passed,
                        first,
                        tiesById,
                        seeker.value(nearest.operand().attribute()))
                : this;
    }

    /** Whether the first in the order of (rank, id) is the best. */
    boolean firstIsBest() {
        return column == Column.RANK && wanted == null && (first == null || tiesById);
    }

    /** Whether tasks of that rank are equal in what is preferred first. */
    boolean isOneValue(double rank) {
        return first == null || Double.isInfinite(rank) || Rank.value(rank, type(first)) != null;
    }

    /** The windows to read, each in one direction; those by rank are cut to the range. */
    List<Window> ways(long bucket, RankRange ranks) {
        if (column == Column.NONE) {
            return List.of();
        }
        boolean byRank = column == Column.RANK;
        RankRange range = byRank ? ranks : RankRange.ALL;
        Window.Order up = byRank ? Window.Order.RANK_UP : Window.Order.PREFERENCE_UP;
        if (wanted == null) {
            return List.of(Window.of(up, bucket, range.from(), range.to()));
        }
        Window.Order down = byRank ? Window.Order.RANK_DOWN : Window.Order.PREFERENCE_DOWN;
        double middle = Rank.of(wanted);
        List<Window> ways = new ArrayList<>(2);
        if (middle <= range.to()) {
            ways.add(Window.of(up, bucket, Math.max(middle, range.from()), range.to()));
        }
        if (middle > range.to()) {
            ways.add(Window.of(down, bucket, range.to(), range.from()));
        } else if (middle > range.from()) {
            ways.add(new Window(down, bucket, middle, Long.MIN_VALUE, range.from()));
        }
        return ways;
    }

    /**
     * Whether the seeker is sure to prefer that partner to everybody in the rest of a way.
     *
     * @param partner one that the rule accepts, of whatever bucket
     * @param rest what has not been read
     */
    public boolean settles(Subject partner, Window rest) {
        for (Preference preference : passed) {
            if (value(preference, partner) != null) {
                return true;
            }
        }
        if (first == null) {
            return partner.id() <= rest.afterId();
        }
        BigDecimal own = measure(first, partner);
        double edge = rest.after();
        if (edge == Double.POSITIVE_INFINITY) {
            // Who is left lacks the value.
            return own != null || (tiesById && partner.id() <= rest.afterId());
        }
        if (own == null || edge == Double.NEGATIVE_INFINITY) {
            return false;
        }
        int order = own.compareTo(least(edge, rest.order().isUp()));
        if (order != 0 || !isOneValue(edge)) {
            return order < 0;
        }
        return rest.order().isUp() ? tiesById && partner.id() <= rest.afterId() : rest.afterId() == Long.MIN_VALUE;
    }

    /**
     * On a way down, where ids come in the wrong order: if of the rest only those of the number just
     * reached could be preferred to that partner, the window in which they come by id; else null.
     */
    public @Nullable Window ties(Subject partner, Window rest) {
        double edge = rest.after();
        return !rest.order().isUp() && tiesById && settles(partner, rest.after(edge, Long.MIN_VALUE))
                ? Window.of(
                        rest.order().isByRank() ? Window.Order.RANK_UP : Window.Order.PREFERENCE_UP,
                        rest.bucket(),
                        edge,
                        edge)
                : null;
    }

    /** What partners from that point of the index on measure at least. */
    private BigDecimal least(double edge, boolean isUp) {
        Type type = type(first);
        BigDecimal bound = isUp ? Rank.lowest(edge, type) : Rank.highest(edge, type);
        if (wanted == null) {
            return bound;
        }
        BigDecimal middle = Measure.number(wanted);
        return isUp ? bound.subtract(middle) : middle.subtract(bound);
    }

    /** What the partner has of what is preferred, the lower the better; null if nothing. */
    private @Nullable BigDecimal measure(Preference preference, Subject partner) {
        Object value = value(preference, partner);
        if (value == null) {
            return null;
        }
        if (wanted != null) {
            return Measure.distance(wanted, value);
        }
        BigDecimal number = Measure.number(value);
        return preference instanceof Preference.Extreme extreme && extreme.highest() ? number.negate() : number;
    }

    private static @Nullable Object value(Preference preference, Subject partner) {
        Operand operand = preference.operand();
        return operand == null ? null : operand.valueOf(partner);
    }

    private static Type type(@Nullable Preference preference) {
        Operand operand = preference == null ? null : preference.operand();
        return operand == null ? Type.NUMBER : operand.attribute().type();
    }
}
