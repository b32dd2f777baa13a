package io.pgmatch.store;

/** Folds rows of the tally of inserted tasks: the sums stay, the rows become fewer. */
public final class FoldTally {
    static final String SQL = """
            WITH gone AS (
                DELETE FROM pgmatch.task_tally
                WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM pgmatch.task_tally AS t
                                        LIMIT ? FOR UPDATE SKIP LOCKED))
                RETURNING pool, inserted)
            INSERT INTO pgmatch.task_tally (pool, inserted)
            SELECT g.pool, sum(g.inserted) FROM gone AS g GROUP BY g.pool
            """;

    private FoldTally() {}

    /** Folds at most {@code limit} rows; returns how many rows they became. */
    public static int run(Database database, int limit) {
        return database.run(dsl -> dsl.execute(SQL, limit));
    }
}
