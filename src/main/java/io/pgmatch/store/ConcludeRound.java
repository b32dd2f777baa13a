package io.pgmatch.store;

import io.pgmatch.model.PairOfIds;
import io.pgmatch.store.ParkTasks.Rest;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Ends a round that has locked all that it claimed: takes the partners that it chose outside itself, if there are any,
 * records the pairs, puts the rest of what it claimed to rest, and commits, all in one round trip. A pair of which one
 * member could not be had, because somebody else holds it or it is gone, is left out, and its members stay as they are.
 */
public final class ConcludeRound {
    private static final String HELD =
            "held AS MATERIALIZED (\n" + TakePartners.STATEMENT.sql().strip() + ")";

    /**
     * Locks whom it can, deletes the members of the pairs that are whole, and inserts these pairs of the deleted rows; where
     * one was not deleted after all the row comes out with nulls, which matched_pairs refuses, as in {@link RecordPairs}.
     */
    static final RoundStatement TAKE_AND_RECORD_MANY =
            new RoundStatement("""
            WITH %s,
            pair AS MATERIALIZED (
                SELECT chosen.first_id, chosen.second_id
                FROM unnest(?::bigint[], ?::bigint[]) AS chosen (first_id, second_id)
                WHERE chosen.first_id IN (SELECT h.id FROM held AS h)
                  AND chosen.second_id IN (SELECT h.id FROM held AS h)),
            gone AS (
                DELETE FROM pgmatch.tasks AS t
                WHERE t.pool = ? AND t.id = ANY (ARRAY(
                    SELECT p.first_id FROM pair AS p UNION ALL SELECT p.second_id FROM pair AS p))
                %s)
            %s
            FROM pair
            LEFT JOIN gone AS f ON f.id = pair.first_id
            LEFT JOIN gone AS s ON s.id = pair.second_id
            RETURNING first_id
            """.formatted(HELD, RecordPairs.RETURNING, RecordPairs.INSERT));

    /** The same for one pair, which is a row if both were locked. */
    static final RoundStatement TAKE_AND_RECORD_ONE =
            new RoundStatement("""
            WITH %1$s,
            pair AS MATERIALIZED (
                SELECT
                FROM held
                HAVING count(*) = 2),
            f AS (
                DELETE FROM pgmatch.tasks AS t
                WHERE t.pool = ? AND t.id = ? AND EXISTS (SELECT FROM pair)
                %2$s),
            s AS (
                DELETE FROM pgmatch.tasks AS t
                WHERE t.pool = ? AND t.id = ? AND EXISTS (SELECT FROM pair)
                %2$s)
            %3$s
            FROM pair
            LEFT JOIN f ON true
            LEFT JOIN s ON true
            RETURNING first_id
            """.formatted(HELD, RecordPairs.RETURNING, RecordPairs.INSERT));

    private ConcludeRound() {}

    /**
     * Runs the statements, and commits.
     *
     * @param pairs whom the round chose
     * @param allHeld whether it has locked all members of these, and none can have expired since: if one is gone all fails
     * @param rests how the other tasks that it claimed are to rest
     * @param now the time at which the rule accepted the pairs
     * @param version of the rule that all of them were derived by
     * @return the first ids of the pairs that were recorded
     */
    public static Set<Long> run(
            Transaction transaction,
            String pool,
            List<PairOfIds> pairs,
            boolean allHeld,
            List<Rest> rests,
            Instant now,
            String matchedBy,
            int version) {
        Set<Long> recorded = new HashSet<>();
        OneTrip trip = new OneTrip();
        if (!pairs.isEmpty() && allHeld) {
            // Each pair is a row, or the statement fails.
            BoundStatement record = RecordPairs.bind(pool, pairs, now, matchedBy, version);
            trip.change(record.statement(), record.values());
        } else if (!pairs.isEmpty()) {
            BoundStatement take = bindTake(pool, pairs, now, matchedBy, version);
            trip.query(take.statement(), row -> recorded.add(row.getLong(1)), take.values());
        }
        if (!rests.isEmpty()) {
            // How many it finds need not be asked: the round has locked them as they are.
            trip.change(ParkTasks.STATEMENT, ParkTasks.values(pool, now, rests, version));
        }
        trip.commit().run(transaction);
        if (allHeld) {
            pairs.forEach(pair -> recorded.add(pair.firstId()));
        }
        return recorded;
    }

    private static BoundStatement bindTake(
            String pool, List<PairOfIds> pairs, Instant now, String matchedBy, int version) {
        OffsetDateTime time = now.atOffset(ZoneOffset.UTC);
        PairArrays ids = PairArrays.of(pairs);
        if (pairs.size() == 1) {
            long first = pairs.get(0).firstId();
            long second = pairs.get(0).secondId();
            return new BoundStatement(
                    TAKE_AND_RECORD_ONE,
                    pool,
                    ids.all(),
                    version,
                    time,
                    pool,
                    first,
                    pool,
                    second,
                    pool,
                    time,
                    matchedBy,
                    version);
        }
        return new BoundStatement(
                TAKE_AND_RECORD_MANY,
                pool,
                ids.all(),
                version,
                time,
                ids.firsts(),
                ids.seconds(),
                pool,
                pool,
                time,
                matchedBy,
                version);
    }
}
