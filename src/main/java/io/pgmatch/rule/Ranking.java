package io.pgmatch.rule;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The condition that a pool's tasks are ranked by: a task's rank is the number that the condition
 * compares, and where the condition can be true for a seeker the ranks of its partners lie in one
 * range. Ranges are computed in exact decimals and rounded as ranks are, which keeps
 * order, so a range leaves out no rank that belongs in it.
 */
sealed interface Ranking {
    /** The attribute whose value is the rank of a task on that side; null if such a task has none. */
    @Nullable
    Attribute attribute(@Nullable String side);

    /** Whether a task without a rank can have no partner, ever. */
    boolean isRequired();

    /** Where the ranks of the seeker's partners lie. */
    RankRange range(Subject seeker, Instant now);

    /** The place of the condition in the rule. */
    String place();

    /** The first condition of the list that tasks can be ranked by, or null if there is none. */
    static @Nullable Ranking of(List<Clause> clauses, @Nullable Sides sides, Clock clock) {
        for (Clause clause : clauses) {
            Ranking ranking = of(clause, sides, clock);
            if (ranking != null) {
                return ranking;
            }
        }
        return null;
    }

    private static @Nullable Ranking of(Clause clause, @Nullable Sides sides, Clock clock) {
        if (clause.condition() instanceof Distance distance) {
            return new ByDistance(clause, distance, clock);
        }
        if (!clause.isLasting()) {
            return null;
        }
        if (clause.condition() instanceof Within within) {
            return new ByWithin(clause.place(), within);
        }
        if (clause.condition() instanceof Compare compare && sides != null && ByCompare.suits(compare, sides)) {
            return new ByCompare(clause.place(), compare);
        }
        return null;
    }

    /** Ranked by what {@code distance} compares. */
    record ByDistance(Clause clause, Distance distance, Clock clock) implements Ranking {
        private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
        private static final MathContext DOWN = new MathContext(60, RoundingMode.DOWN);
        private static final MathContext UP = new MathContext(60, RoundingMode.UP);

        @Override
        public @Nullable Attribute attribute(@Nullable String side) {
            return distance.attribute();
        }

        @Override
        public boolean isRequired() {
            return clause.isLasting();
        }

        @Override
        public String place() {
            return clause.place();
        }

        @Override
        public RankRange range(Subject seeker, Instant now) {
            // Bounds only grow. Whose wait counts is the seeker's own, or a shorter one, or, by the
            // oldest clock, perhaps a longer one, of which only the end of its growth is known.
            long waited = clock == Clock.OLDEST ? Waiting.NEVER_MICROS - 1 : Waiting.micros(seeker.insertedAt(), now);
            if (clock == Clock.OLDEST ? !clause.isLasting() : clause.isDropped(waited)) {
                return RankRange.ALL;
            }
            Object value = seeker.value(distance.attribute());
            if (value == null) {
                return RankRange.NONE;
            }
            BigDecimal most = distance.bound().at(waited);
            BigDecimal number = Measure.number(value);
            return distance.percent() ? percentRange(number, most) : between(number.subtract(most), number.add(most));
        }

        /** With q the share, of two numbers of one sign the smaller is at least 1 - q of the larger. */
        private static RankRange percentRange(BigDecimal number, BigDecimal percent) {
            if (percent.compareTo(HUNDRED) >= 0) {
                return RankRange.ALL;
            }
            BigDecimal share = HUNDRED.subtract(percent);
            BigDecimal near = number.multiply(share, DOWN).divide(HUNDRED, DOWN);
            BigDecimal far = number.multiply(HUNDRED).divide(share, UP);
            return number.signum() >= 0 ? between(near, far) : between(far, near);
        }

        private static RankRange between(BigDecimal from, BigDecimal to) {
            return new RankRange(Rank.of(from), Rank.of(to));
        }
    }

    /** Ranked by the number that lies in a range: a seeker's partners lie in its own. */
    record ByWithin(String place, Within within) implements Ranking {
        @Override
        public @Nullable Attribute attribute(@Nullable String side) {
            return within.attribute();
        }

        @Override
        public boolean isRequired() {
            return true;
        }

        @Override
        public RankRange range(Subject seeker, Instant now) {
            Object range = seeker.value(within.range());
            if (range == null || seeker.value(within.attribute()) == null) {
                return RankRange.NONE;
            }
            BigDecimal low = ((Range) range).low();
            BigDecimal high = ((Range) range).high();
            return new RankRange(
                    low == null ? Double.NEGATIVE_INFINITY : Rank.of(low),
                    high == null ? Double.POSITIVE_INFINITY : Rank.of(high));
        }
    }

    /** Ranked by what each of two sides brings to a comparison. */
    record ByCompare(String place, Compare compare) implements Ranking {
        static boolean suits(Compare compare, Sides sides) {
            Operand left = compare.left();
            Operand right = compare.right();
            return sides.attribute().equals(left.side())
                    && sides.attribute().equals(right.side())
                    && left.sideName() != null
                    && !left.sideName().equals(right.sideName())
                    && compare.operator() != Compare.Operator.DIFFERENT
                    && isRankable(left.attribute())
                    && isRankable(right.attribute());
        }

        private static boolean isRankable(Attribute attribute) {
            return attribute.type() == Type.NUMBER || attribute.type() == Type.TIME;
        }

        @Override
        public @Nullable Attribute attribute(@Nullable String side) {
            if (side == null) {
                return null;
            }
            if (side.equals(compare.left().sideName())) {
                return compare.left().attribute();
            }
            return side.equals(compare.right().sideName()) ? compare.right().attribute() : null;
        }

        @Override
        public boolean isRequired() {
            return true;
        }

        @Override
        public RankRange range(Subject seeker, Instant now) {
            boolean isLeft = compare.left().concerns(seeker);
            Object value = (isLeft ? compare.left() : compare.right()).valueOf(seeker);
            if (value == null) {
                return RankRange.NONE;
            }
            double own = Rank.of(value);
            return switch (compare.operator()) {
                case EQUAL -> new RankRange(own, own);
                case LESS, AT_MOST -> isLeft ? upFrom(own) : downFrom(own);
                case MORE, AT_LEAST -> isLeft ? downFrom(own) : upFrom(own);
                case DIFFERENT -> RankRange.ALL;
            };
        }

        private static RankRange upFrom(double rank) {
            return new RankRange(rank, Double.POSITIVE_INFINITY);
        }

        private static RankRange downFrom(double rank) {
            return new RankRange(Double.NEGATIVE_INFINITY, rank);
        }
    }
}
