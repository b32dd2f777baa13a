package io.pgmatch.bench.peers;

import io.pgmatch.bench.Bench;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * "Take the next two rows" and leave the rest to the isolation level: under REPEATABLE READ a transaction
 * that deletes what another has deleted meanwhile fails, and is tried again. The next two are the
 * oldest row and the next of its value.
 *
 * <p>One statement finds, deletes and inserts, so that a pair is one round trip and one commit. A pair a
 * transaction: with more, two workers read the same rows just as well, and the loser has done more in vain.
 * After a failure the statement is repeated at once; if that fails as well, after a short random pause.
 */
public final class NextTwoRows implements Peer {
    private static final String PAIR = """
            WITH two AS (
                SELECT a.id AS first_id, b.id AS second_id
                FROM pgmatch_bench.%1$s_elements AS a
                CROSS JOIN LATERAL (
                    SELECT id FROM pgmatch_bench.%1$s_elements AS o
                    WHERE o.match_key = a.match_key AND o.id > a.id
                    ORDER BY o.id LIMIT 1) AS b
                ORDER BY a.id LIMIT 1),
            gone AS (
                DELETE FROM pgmatch_bench.%1$s_elements
                WHERE id = ANY (ARRAY(SELECT unnest(ARRAY[first_id, second_id]) FROM two))
                RETURNING id, attributes, inserted_at)
            INSERT INTO pgmatch_bench.%1$s_pairs (first_id, second_id, first_attributes, second_attributes,
                first_inserted_at, second_inserted_at, matched_by)
            SELECT f.id, s.id, f.attributes, s.attributes, f.inserted_at, s.inserted_at, ?
            FROM gone AS f JOIN gone AS s ON f.id < s.id
            """;

    private static final String SERIALIZATION_FAILURE = "40001";
    private static final long PAUSE_NANOS_MAX = 1_000_000;

    private final Elements elements = new Elements("next_two");
    private final int workers;
    private final AtomicLong failures = new AtomicLong();

    /** So many workers. */
    public NextTwoRows(int workers) {
        this.workers = workers;
    }

    @Override
    public String name() {
        return "next two rows, REPEATABLE READ";
    }

    @Override
    public String settings() {
        return workers + " workers, one pair a transaction, one statement";
    }

    @Override
    public String remark() {
        return failures + " serialization failures";
    }

    @Override
    public void load(Bench bench, int count) {
        failures.set(0);
        elements.load(bench, count);
    }

    @Override
    public void check(Bench bench, int count) {
        elements.check(bench, count);
    }

    @Override
    public void remove(Bench bench) {
        elements.remove(bench);
    }

    @Override
    public double drain(Bench bench, int count) throws Exception {
        return Crew.run(bench, workers, (member, connection) -> {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try (PreparedStatement pair = connection.prepareStatement(elements.named(PAIR))) {
                pair.setString(1, "worker-" + member);
                run(pair);
            }
        });
    }

    private void run(PreparedStatement pair) throws SQLException {
        // Each statement is a transaction. One that finds nothing means the end: none inserts any more.
        for (int failed = 0; ; ) {
            try {
                if (pair.executeUpdate() == 0) {
                    return;
                }
                failed = 0;
            } catch (SQLException e) {
                if (!SERIALIZATION_FAILURE.equals(e.getSQLState())) {
                    throw e;
                }
                failures.incrementAndGet();
                if (++failed > 1) {
                    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(PAUSE_NANOS_MAX));
                }
            }
        }
    }
}
