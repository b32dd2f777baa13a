package io.pgmatch.bench;

import io.pgmatch.model.PgmatchException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What PostgreSQL can do at best: one statement in a loop deletes the 4,000 lowest tasks and inserts 2,000
 * pairs of neighbours, on the same tables and indexes, each statement a transaction that is forced to disk. It
 * searches for nobody, judges nobody, locks nothing beforehand, and talks once a round.
 *
 * <p>It is spared everything that a matcher has to find out: the ids at which each statement begins and ends are
 * read before the clock starts, so that no statement walks over the entries of rows already deleted; and
 * with several connections each works on a stretch of ids of its own, so that they never meet.
 */
final class Floor {
    static final int TASKS_PER_STATEMENT = 4_000;

    static final String SQL = """
            WITH gone AS (
                DELETE FROM pgmatch.tasks AS t
                WHERE t.pool = ? AND t.id >= ? AND t.id < ?
                RETURNING t.id, t.ref, t.attributes, t.inserted_at)
            INSERT INTO pgmatch.matched_pairs (pool, first_id, second_id, first_ref, second_ref,
                first_attributes, second_attributes, first_inserted_at, second_inserted_at,
                matched_at, matched_by, rule_version)
            SELECT ?, n.id, n.next_id, n.ref, n.next_ref, n.attributes, n.next_attributes, n.inserted_at,
                   n.next_inserted_at, now(), 'floor', 1
            FROM (
                SELECT g.*, row_number() OVER neighbours AS place, lead(g.id) OVER neighbours AS next_id,
                       lead(g.ref) OVER neighbours AS next_ref, lead(g.attributes) OVER neighbours AS next_attributes,
                       lead(g.inserted_at) OVER neighbours AS next_inserted_at
                FROM gone AS g
                WINDOW neighbours AS (ORDER BY g.id)) AS n
            WHERE n.place % 2 = 1
            """;

    private final Bench bench;
    private final BenchPool pool;

    /** The floor of a pool that holds an even number of tasks. */
    Floor(Bench bench, BenchPool pool) {
        this.bench = bench;
        this.pool = pool;
    }

    /** Pairs everything that waits in the pool. */
    Drained run(int connections) throws InterruptedException {
        long waiting = pool.waiting();
        List<Long> starts = starts();
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        try {
            CountDownLatch ready = new CountDownLatch(connections);
            CountDownLatch go = new CountDownLatch(1);
            List<Future<Long>> ends = new ArrayList<>();
            int statements = starts.size() - 1;
            for (int i = 0; i < connections; i++) {
                List<Long> own = starts.subList(i * statements / connections, (i + 1) * statements / connections + 1);
                Callable<Long> work = () -> bench.sql().with(connection -> pairNeighbours(connection, own, ready, go));
                ends.add(threads.submit(work));
            }
            ready.await();
            bench.progress().begin("floor", 1);
            long start = System.nanoTime();
            go.countDown();
            long pairs = 0;
            for (Future<Long> end : ends) {
                pairs += end.get();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            requireAll(waiting, pairs);
            return new Drained(pairs, seconds, 0);
        } catch (ExecutionException e) {
            throw new PgmatchException("bench: the floor failed: " + e.getMessage(), e);
        } finally {
            threads.shutdownNow();
        }
    }

    private long pairNeighbours(Connection connection, List<Long> starts, CountDownLatch ready, CountDownLatch go)
            throws SQLException {
        long pairs = 0;
        try (PreparedStatement statement = connection.prepareStatement(SQL)) {
            ready.countDown();
            go.await();
            for (int i = 0; i + 1 < starts.size(); i++) {
                statement.setString(1, pool.name());
                statement.setLong(2, starts.get(i));
                statement.setLong(3, starts.get(i + 1));
                statement.setString(4, pool.name());
                pairs += statement.executeUpdate();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return pairs;
    }

    /** The id at which each statement begins, and one beyond the last. */
    private List<Long> starts() {
        List<Long> starts = new ArrayList<>(bench.sql().texts("""
                        SELECT n.id FROM (
                            SELECT t.id, row_number() OVER (ORDER BY t.id) AS place
                            FROM pgmatch.tasks AS t WHERE t.pool = ?) AS n
                        WHERE n.place % ? = 1 ORDER BY n.id
                        """, pool.name(), TASKS_PER_STATEMENT).stream()
                .map(Long::valueOf)
                .toList());
        starts.add(Long.MAX_VALUE);
        return starts;
    }

    private void requireAll(long waiting, long pairs) {
        long recorded = pool.pairs();
        if (pairs != waiting / 2 || recorded != pairs) {
            throw new PgmatchException("bench: the floor was to make " + waiting / 2 + " pairs, it made " + pairs
                    + " and recorded " + recorded);
        }
    }
}
