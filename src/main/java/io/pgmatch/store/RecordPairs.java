package io.pgmatch.store;

import io.pgmatch.model.PairOfIds;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;

/** Deletes both members of some pairs and inserts the pairs of the deleted rows, in one statement. */
public final class RecordPairs {
    /** What a pair has of each of its members; the fewer columns come out of the DELETE, the better. */
    static final String RETURNING = "RETURNING t.id, t.ref, t.attributes, t.inserted_at";

    /** Inserts pairs of members f and s; what they are selected from is to follow. */
    static final String INSERT = """
            INSERT INTO pgmatch.matched_pairs (pool, first_id, second_id, first_ref, second_ref,
                first_attributes, second_attributes, first_inserted_at, second_inserted_at,
                matched_at, matched_by, rule_version)
            SELECT ?, f.id, s.id, f.ref, s.ref, f.attributes, s.attributes, f.inserted_at,
                   s.inserted_at, ?::timestamptz, ?, ?""";

    private static final String UNCHANGED =
            "t.rule_version = ? AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)";

    /**
     * The LEFT JOINs are there for what they do to a pair of which one member is not in tasks, was derived by another
     * version of the rule meanwhile, or has expired: it comes out with nulls, which matched_pairs refuses. One search in
     * the index for all ids is half the work of a search for each.
     */
    static final RoundStatement MANY = new RoundStatement("""
            WITH gone AS (
                DELETE FROM pgmatch.tasks AS t
                WHERE t.pool = ? AND t.id = ANY (?::bigint[]) AND %s
                %s)
            %s
            FROM unnest(?::bigint[], ?::bigint[]) AS pair (first_id, second_id)
            LEFT JOIN gone AS f ON f.id = pair.first_id
            LEFT JOIN gone AS s ON s.id = pair.second_id
            """.formatted(UNCHANGED, RETURNING, INSERT));

    /**
     * The same for one pair, and one row whatever is deleted: for so few most of what it takes is to set a statement up, and
     * this has less of it.
     */
    static final RoundStatement ONE = new RoundStatement("""
            WITH f AS (
                DELETE FROM pgmatch.tasks AS t
                WHERE t.pool = ? AND t.id = ? AND %1$s
                %2$s),
            s AS (
                DELETE FROM pgmatch.tasks AS t
                WHERE t.pool = ? AND t.id = ? AND %1$s
                %2$s)
            %3$s
            FROM (SELECT) AS pair
            LEFT JOIN f ON true
            LEFT JOIN s ON true
            """.formatted(UNCHANGED, RETURNING, INSERT));

    private RecordPairs() {}

    /**
     * Runs the statement.
     *
     * @param pairs at least one
     * @param matchedAt the time at which the rule accepted them
     * @return how many pairs were inserted
     */
    public static int run(
            Transaction transaction,
            String pool,
            List<PairOfIds> pairs,
            Instant matchedAt,
            String matchedBy,
            int ruleVersion) {
        BoundStatement bound = bind(pool, pairs, matchedAt, matchedBy, ruleVersion);
        return bound.statement().update(transaction, bound.values());
    }

    /** The statement for these pairs; for the parameters see {@link #run}. */
    static BoundStatement bind(
            String pool, List<PairOfIds> pairs, Instant matchedAt, String matchedBy, int ruleVersion) {
        OffsetDateTime time = matchedAt.atOffset(ZoneOffset.UTC);
        if (pairs.size() == 1) {
            long first = pairs.get(0).firstId();
            long second = pairs.get(0).secondId();
            return new BoundStatement(
                    ONE,
                    pool,
                    first,
                    ruleVersion,
                    time,
                    pool,
                    second,
                    ruleVersion,
                    time,
                    pool,
                    time,
                    matchedBy,
                    ruleVersion);
        }
        PairArrays ids = PairArrays.of(pairs);
        return new BoundStatement(
                MANY,
                pool,
                ids.all(),
                ruleVersion,
                time,
                pool,
                time,
                matchedBy,
                ruleVersion,
                ids.firsts(),
                ids.seconds());
    }
}
