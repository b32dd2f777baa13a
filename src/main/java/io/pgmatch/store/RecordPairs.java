package io.pgmatch.store;

import io.pgmatch.model.PairOfIds;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/** Deletes both members of some pairs and inserts the pairs of the deleted rows, in one statement. */
public final class RecordPairs {
    /**
     * The FULL JOIN is there for what it does to a pair of which one member is not in tasks: it comes
     * out with nulls, which matched_pairs refuses. Nor can the planner take a nested loop for it,
     * which for thousands of pairs would be the wrong choice.
     *
     * <p>The ids are given twice: a plan that was made for an empty table joins by hash with the whole
     * pool, unless the ids narrow it first. One search in the index for all of them is also half the
     * work of a search for each.
     */
    static final String SQL = """
            WITH gone AS (
                DELETE FROM pgmatch.tasks AS t
                USING unnest(?::bigint[], ?::int[], ?::bool[]) AS m (id, pair, is_first)
                WHERE t.pool = ? AND t.id = m.id AND t.id = ANY (?::bigint[])
                RETURNING m.pair, m.is_first, t.id, t.ref, t.attributes, t.inserted_at)
            INSERT INTO pgmatch.matched_pairs (pool, first_id, second_id, first_ref, second_ref,
                first_attributes, second_attributes, first_inserted_at, second_inserted_at,
                matched_at, matched_by, rule_version)
            SELECT ?, f.id, s.id, f.ref, s.ref, f.attributes, s.attributes, f.inserted_at,
                   s.inserted_at, ?::timestamptz, ?, ?
            FROM (SELECT * FROM gone WHERE is_first) AS f
            FULL JOIN (SELECT * FROM gone WHERE NOT is_first) AS s ON f.pair = s.pair
            """;

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
        Long[] ids = new Long[2 * pairs.size()];
        Integer[] places = new Integer[2 * pairs.size()];
        Boolean[] isFirst = new Boolean[2 * pairs.size()];
        int member = 0;
        for (int i = 0; i < pairs.size(); i++) {
            ids[member] = pairs.get(i).firstId();
            places[member] = i;
            isFirst[member++] = true;
            ids[member] = pairs.get(i).secondId();
            places[member] = i;
            isFirst[member++] = false;
        }
        return transaction
                .dsl()
                .execute(
                        SQL,
                        ids,
                        places,
                        isFirst,
                        pool,
                        ids,
                        pool,
                        matchedAt.atOffset(ZoneOffset.UTC),
                        matchedBy,
                        ruleVersion);
    }
}
