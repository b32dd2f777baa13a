package io.pgmatch.bench.peers;

import io.pgmatch.bench.Bench;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The plain loop as it is written without SKIP LOCKED: mark the oldest free row as mine by an UPDATE, find it a
 * partner, delete both and insert the pair. One element at a time is what this approach is; marking many at
 * once lets the workers hold the partners of each other.
 *
 * <p>Who finds nobody takes the mark off and tries again after a little while: then the last two of a value
 * are in the hands of two workers. Marks of workers that died would have to be taken off, too; here none dies. A
 * transaction that the server ends because of a deadlock is repeated.
 */
public final class LockingLoop implements Peer {
    /** When the mark is committed. Which is better depends on what a commit costs: both are measured. */
    public enum Mark {
        /**
         * At once: others pass the row over, and two workers look for partners at the same time. What they wait for is
         * each other's short transaction at the head. Two commits a pair.
         */
        AT_ONCE("the mark committed at once"),
        /** With the pair: one commit, and the second worker waits at the head until the first has paired. */
        WITH_PAIR("mark and pair in one transaction");

        private final String description;

        Mark(String description) {
            this.description = description;
        }
    }

    private static final String CLAIM = """
            UPDATE pgmatch_bench.%1$s_elements SET locked_by = ?, locked_at = now()
            WHERE id = (SELECT id FROM pgmatch_bench.%1$s_elements WHERE locked_by IS NULL
                        ORDER BY id LIMIT 1 FOR UPDATE)
            RETURNING id
            """;

    /**
     * Locks the marked row before it looks: the search of another worker, whose snapshot is older than the mark,
     * would otherwise lock it and then wait for our partner, while we wait for our own row.
     */
    private static final String PARTNER = """
            WITH mine AS MATERIALIZED (
                SELECT match_key FROM pgmatch_bench.%1$s_elements WHERE id = ? FOR UPDATE)
            SELECT id FROM pgmatch_bench.%1$s_elements
            WHERE match_key = (SELECT match_key FROM mine) AND locked_by IS NULL
            ORDER BY id LIMIT 1 FOR UPDATE
            """;

    private static final String RELEASE =
            "UPDATE pgmatch_bench.%1$s_elements SET locked_by = NULL, locked_at = NULL WHERE id = ?";

    private static final String PAIR = """
            WITH gone AS (
                DELETE FROM pgmatch_bench.%1$s_elements WHERE id IN (?, ?)
                RETURNING id, attributes, inserted_at)
            INSERT INTO pgmatch_bench.%1$s_pairs (first_id, second_id, first_attributes, second_attributes,
                first_inserted_at, second_inserted_at, matched_by)
            SELECT f.id, s.id, f.attributes, s.attributes, f.inserted_at, s.inserted_at, ?
            FROM gone AS f JOIN gone AS s ON f.id < s.id
            """;

    private static final String LEFT = "SELECT EXISTS (SELECT FROM pgmatch_bench.%1$s_elements)";

    private static final long PAUSE_NANOS_MAX = 2_000_000;

    private static final String DEADLOCK = "40P01";
    private static final long NONE = -1;

    private final AtomicLong deadlocks = new AtomicLong();
    private final Elements elements = new Elements("locking");
    private final int workers;
    private final Mark mark;

    /** So many workers. */
    public LockingLoop(int workers, Mark mark) {
        this.workers = workers;
        this.mark = mark;
    }

    @Override
    public String name() {
        return mark == Mark.AT_ONCE ? "plain loop, UPDATE locks" : "plain loop, UPDATE locks, one transaction";
    }

    @Override
    public String settings() {
        return workers + " workers, one element at a time, " + mark.description;
    }

    @Override
    public String remark() {
        return deadlocks + " deadlocks";
    }

    @Override
    public void load(Bench bench, int count) {
        deadlocks.set(0);
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
            try (Loop loop = new Loop(connection, "worker-" + member)) {
                loop.run();
            }
        });
    }

    /** One worker's statements. */
    private final class Loop implements AutoCloseable {
        private final Connection connection;
        private final String worker;
        private final PreparedStatement claim;
        private final PreparedStatement partner;
        private final PreparedStatement pair;
        private final PreparedStatement release;
        private final PreparedStatement left;

        Loop(Connection connection, String worker) throws SQLException {
            this.connection = connection;
            this.worker = worker;
            claim = connection.prepareStatement(elements.named(CLAIM));
            partner = connection.prepareStatement(elements.named(PARTNER));
            pair = connection.prepareStatement(elements.named(PAIR));
            release = connection.prepareStatement(elements.named(RELEASE));
            left = connection.prepareStatement(elements.named(LEFT));
        }

        void run() throws SQLException {
            claim.setString(1, worker);
            pair.setString(3, worker);
            long marked = NONE;
            while (true) {
                try {
                    if (marked == NONE) {
                        connection.setAutoCommit(mark == Mark.AT_ONCE);
                        marked = claim();
                    }
                    if (marked == NONE && isDone()) {
                        return;
                    }
                    connection.setAutoCommit(false);
                    boolean paired = marked != NONE && pair(marked);
                    connection.commit();
                    marked = NONE;
                    if (!paired) {
                        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(PAUSE_NANOS_MAX));
                    }
                } catch (SQLException e) {
                    if (!DEADLOCK.equals(e.getSQLState())) {
                        throw e;
                    }
                    deadlocks.incrementAndGet();
                    if (!connection.getAutoCommit()) {
                        connection.rollback();
                    }
                    if (mark == Mark.WITH_PAIR) {
                        marked = NONE;
                    }
                }
            }
        }

        private long claim() throws SQLException {
            try (ResultSet row = claim.executeQuery()) {
                return row.next() ? row.getLong(1) : NONE;
            }
        }

        private boolean pair(long id) throws SQLException {
            partner.setLong(1, id);
            try (ResultSet row = partner.executeQuery()) {
                if (!row.next()) {
                    release.setLong(1, id);
                    release.executeUpdate();
                    return false;
                }
                pair.setLong(1, id);
                pair.setLong(2, row.getLong(1));
            }
            if (pair.executeUpdate() != 1) {
                throw new IllegalStateException("element " + id + " went while it was marked");
            }
            return true;
        }

        private boolean isDone() throws SQLException {
            try (ResultSet row = left.executeQuery()) {
                row.next();
                return !row.getBoolean(1);
            }
        }

        @Override
        public void close() throws SQLException {
            for (PreparedStatement statement : new PreparedStatement[] {claim, partner, pair, release, left}) {
                statement.close();
            }
        }
    }
}
