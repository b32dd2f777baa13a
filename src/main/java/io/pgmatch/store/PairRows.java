package io.pgmatch.store;

import static io.pgmatch.store.generated.Tables.MATCHED_PAIRS;
import static org.jooq.impl.DSL.currentOffsetDateTime;
import static org.jooq.impl.DSL.noCondition;

import io.pgmatch.model.Pair;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.types.DayToSecond;
import org.jspecify.annotations.Nullable;

/** Reads pairs. */
public final class PairRows {
    /**
     * How far back to look for the newest pairs, in turn: the block range index finds what is recent,
     * and keeps no order to read the newest by.
     */
    private static final List<Duration> REACH = List.of(Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofDays(1));

    /** Pool by pool, since each key starts with the pool; dropped pools included. */
    static final String OF = """
            SELECT p.*
            FROM (SELECT DISTINCT r.pool FROM pgmatch.pool_rules AS r) AS known
            CROSS JOIN LATERAL (
                SELECT * FROM pgmatch.matched_pairs AS m WHERE m.pool = known.pool AND m.first_id = ?
                UNION ALL
                SELECT * FROM pgmatch.matched_pairs AS m WHERE m.pool = known.pool AND m.second_id = ?) AS p
            """;

    private PairRows() {}

    /** The newest pairs of a pool, or of all if it is null; newest last. */
    public static List<Pair> newest(Database database, @Nullable String pool, int limit) {
        return database.run(dsl -> newest(dsl, pool, limit));
    }

    /** The pair that the task is in, whatever its pool. */
    public static Optional<Pair> of(Database database, long taskId) {
        return database.run(dsl -> dsl.resultQuery(OF, taskId, taskId)
                .coerce(MATCHED_PAIRS.fields())
                .fetchOptional(PairRows::pair));
    }

    static List<Pair> newest(DSLContext dsl, @Nullable String pool, int limit) {
        for (Duration reach : REACH) {
            List<Pair> recent = newest(
                    dsl,
                    pool,
                    limit,
                    MATCHED_PAIRS.MATCHED_AT.ge(currentOffsetDateTime().minus(DayToSecond.valueOf(reach))));
            if (recent.size() == limit) {
                return recent;
            }
        }
        return newest(dsl, pool, limit, noCondition());
    }

    private static List<Pair> newest(DSLContext dsl, @Nullable String pool, int limit, Condition since) {
        List<Pair> pairs = dsl.selectFrom(MATCHED_PAIRS)
                .where(since)
                .and(pool == null ? noCondition() : MATCHED_PAIRS.POOL.eq(pool))
                .orderBy(
                        MATCHED_PAIRS.MATCHED_AT.desc(),
                        MATCHED_PAIRS.TRANSACTION_ID.desc(),
                        MATCHED_PAIRS.FIRST_ID.desc())
                .limit(limit)
                .fetch(PairRows::pair);
        Collections.reverse(pairs);
        return pairs;
    }

    static Pair pair(Record row) {
        return new Pair(
                row.get(MATCHED_PAIRS.POOL),
                new Pair.Member(
                        row.get(MATCHED_PAIRS.FIRST_ID),
                        row.get(MATCHED_PAIRS.FIRST_REF),
                        row.get(MATCHED_PAIRS.FIRST_ATTRIBUTES).data(),
                        row.get(MATCHED_PAIRS.FIRST_INSERTED_AT).toInstant()),
                new Pair.Member(
                        row.get(MATCHED_PAIRS.SECOND_ID),
                        row.get(MATCHED_PAIRS.SECOND_REF),
                        row.get(MATCHED_PAIRS.SECOND_ATTRIBUTES).data(),
                        row.get(MATCHED_PAIRS.SECOND_INSERTED_AT).toInstant()),
                row.get(MATCHED_PAIRS.MATCHED_AT).toInstant(),
                row.get(MATCHED_PAIRS.MATCHED_BY),
                row.get(MATCHED_PAIRS.RULE_VERSION));
    }
}
