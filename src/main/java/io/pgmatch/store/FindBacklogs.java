package io.pgmatch.store;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Looks in which pools so many tasks are fresh that they are a backlog, whoever holds them. */
public final class FindBacklogs {
    /** More fresh tasks than these are a backlog. Up to so many are read of each pool. */
    static final int FRESH_MAX = 2 * ClaimTasks.BLOCK_IDS;

    /** The fresh ones are asked for by an inequality, so that their order is that of no index but tasks_claim. */
    static final RoundStatement STATEMENT = new RoundStatement("""
            SELECT p.pool
            FROM unnest(?::text[]) AS p (pool)
            WHERE EXISTS (
                SELECT FROM pgmatch.tasks AS f
                WHERE f.pool = p.pool COLLATE "C" AND f.search_at <= '-infinity'
                ORDER BY f.search_at, f.id
                OFFSET %d)
            """.formatted(FRESH_MAX));

    private FindBacklogs() {}

    /** Runs the statement, with the planner's settings in the same trip; returns those of the pools that have a backlog. */
    public static Set<String> run(Database database, List<String> pools) {
        Set<String> found = new HashSet<>();
        OneTrip trip = new OneTrip()
                .query(FindWork.SETTINGS, row -> {})
                .query(STATEMENT, row -> found.add(row.getString(1)), (Object) pools.toArray(String[]::new));
        return database.run(dsl -> {
            dsl.connection(trip::run);
            return found;
        });
    }
}
