package io.pgmatch.store;

/** Folds rows of the tally of inserted tasks: the sums stay, the rows become fewer. */
public final class FoldTally {
    static final String SQL = """
            WITH gone AS (
                DELETE FROM pgmatch.task_tally
                WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM pgmatch.task_tally AS t
                                        LIMIT ? FOR UPDATE SKIP LOCKED))
                RETURNING pool, inserted),
            folded AS (
                INSERT INTO pgmatch.task_tally (pool, inserted)
                SELECT g.pool, sum(g.inserted) FROM gone AS g GROUP BY g.pool)
            SELECT count(*) FROM gone
            """;

    private FoldTally() {}

    /** Folds at most {@code limit} rows, to one for each pool; returns how many there were. */
    public static int run(Database database, int limit) {
        return database.run(dsl -> dsl.fetchSingle(SQL, limit).get(0, Integer.class));
    }
}
