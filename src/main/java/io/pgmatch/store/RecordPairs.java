package io.pgmatch.store;

import io.pgmatch.model.PairOfIds;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;

/** Deletes both members of some pairs and inserts the pairs of the deleted rows, in one statement. */
public final class RecordPairs {
    /**
     * The LEFT JOINs are there for what they do to a pair of which one member is not in tasks, was derived by another
     * version of the rule meanwhile, or has expired: it comes out with nulls, which matched_pairs refuses. One search in the index for all ids is half the work
     * of a search for each, and the fewer columns come out of the DELETE, the better.
     */
    static final RoundStatement STATEMENT = new RoundStatement("""
            WITH gone AS (
                DELETE FROM pgmatch.tasks AS t
                WHERE t.pool = ? AND t.id = ANY (?::bigint[]) AND t.rule_version = ?
                  AND (t.expires_at IS NULL OR t.expires_at > ?::timestamptz)
                RETURNING t.id, t.ref, t.attributes, t.inserted_at)
            INSERT INTO pgmatch.matched_pairs (pool, first_id, second_id, first_ref, second_ref,
                first_attributes, second_attributes, first_inserted_at, second_inserted_at,
                matched_at, matched_by, rule_version)
            SELECT ?, f.id, s.id, f.ref, s.ref, f.attributes, s.attributes, f.inserted_at,
                   s.inserted_at, ?::timestamptz, ?, ?
            FROM unnest(?::bigint[], ?::bigint[]) AS pair (first_id, second_id)
            LEFT JOIN gone AS f ON f.id = pair.first_id
            LEFT JOIN gone AS s ON s.id = pair.second_id
            """);

    private RecordPairs() {}

    /**
     * Runs the statement.
     *
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
        PairArrays ids = PairArrays.of(pairs);
        OffsetDateTime time = matchedAt.atOffset(ZoneOffset.UTC);
        return STATEMENT.update(
                transaction,
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
