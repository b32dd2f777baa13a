package io.pgmatch.bench.peers;

import io.pgmatch.bench.Bench;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Many searchers that only read and propose, one acceptor that alone writes: nobody locks, and no two
 * proposals can win the same element, since one thread decides on them one after the other.
 *
 * <p>A searcher takes the next page of elements, pairs those of equal value within it in memory, looks
 * for partners beyond the page for the others, by one plain read, and puts all of it before the
 * acceptor. Pages are handed out from the oldest to the newest and then from the beginning again, for what was
 * turned down: a partner beyond the page is often proposed to somebody else, too. A cursor that only
 * went forward would miss rows that commit late.
 *
 * <p>The acceptor takes all the proposals that have come, up to some thousands of pairs, drops those of which it has
 * just taken a member, and records the others in one statement that leaves out whatever is not there any
 * more. That is where this approach batches, and it is in one process: what would have to be built for a second
 * acceptor to take over when the first dies is not here and costs nothing.
 */
public final class SingleAcceptor implements Peer {
    /** As many as a round of pgmatch claims. */
    private static final int PAGE = 4_000;

    private static final int PAIRS_MAX = 4_000;

    /** Proposals that wait for the acceptor; searchers that are ahead of it wait. */
    private static final int PROPOSALS_MAX = 4;

    private static final int WAIT_MILLIS = 10;

    private static final String READ_PAGE = """
            SELECT id, match_key FROM pgmatch_bench.%1$s_elements WHERE id > ? ORDER BY id LIMIT ?
            """;

    private static final String READ_BEYOND = """
            SELECT w.id, o.id
            FROM unnest(?::bigint[], ?::text[]) AS w (id, match_key)
            CROSS JOIN LATERAL (
                SELECT e.id FROM pgmatch_bench.%1$s_elements AS e
                WHERE e.match_key = w.match_key AND e.id > ?
                ORDER BY e.id LIMIT 1) AS o
            """;

    private static final String RECORD = """
            WITH present AS MATERIALIZED (
                SELECT w.first_id, w.second_id
                FROM unnest(?::bigint[], ?::bigint[]) AS w (first_id, second_id)
                JOIN pgmatch_bench.%1$s_elements AS a ON a.id = w.first_id
                JOIN pgmatch_bench.%1$s_elements AS b ON b.id = w.second_id),
            gone AS (
                DELETE FROM pgmatch_bench.%1$s_elements AS e
                USING (SELECT first_id AS id FROM present UNION ALL SELECT second_id FROM present) AS p
                WHERE e.id = p.id
                RETURNING e.id, e.attributes, e.inserted_at)
            INSERT INTO pgmatch_bench.%1$s_pairs (first_id, second_id, first_attributes, second_attributes,
                first_inserted_at, second_inserted_at, matched_by)
            SELECT f.id, s.id, f.attributes, s.attributes, f.inserted_at, s.inserted_at, 'acceptor'
            FROM present AS p
            JOIN gone AS f ON f.id = p.first_id
            JOIN gone AS s ON s.id = p.second_id
            """;

    private final Elements elements = new Elements("acceptor");
    private final int searchers;

    /** So many searchers beside the one acceptor. */
    public SingleAcceptor(int searchers) {
        this.searchers = searchers;
    }

    private record Proposal(List<long[]> pairs) {}

    @Override
    public String name() {
        return "searchers, one acceptor";
    }

    @Override
    public String settings() {
        return searchers + " searchers with pages of " + PAGE + ", up to " + PAIRS_MAX + " pairs a transaction";
    }

    @Override
    public void load(Bench bench, int count) {
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
        BlockingQueue<Proposal> proposals = new ArrayBlockingQueue<>(PROPOSALS_MAX);
        AtomicLong missing = new AtomicLong(count / 2);
        Pages pages = new Pages();
        return Crew.run(bench, searchers + 1, (member, connection) -> {
            if (member == 0) {
                accept(connection, proposals, missing);
            } else {
                search(connection, pages, proposals, missing);
            }
        });
    }

    private void search(Connection connection, Pages pages, BlockingQueue<Proposal> proposals, AtomicLong missing)
            throws SQLException, InterruptedException {
        try (PreparedStatement page = connection.prepareStatement(elements.named(READ_PAGE));
                PreparedStatement beyond = connection.prepareStatement(elements.named(READ_BEYOND))) {
            while (missing.get() > 0) {
                List<long[]> pairs = new ArrayList<>();
                Map<String, Long> alone = new HashMap<>();
                long last = pages.next(page, (id, key) -> {
                    Long other = alone.remove(key);
                    if (other == null) {
                        alone.put(key, id);
                    } else {
                        pairs.add(new long[] {other, id});
                    }
                });
                if (!alone.isEmpty()) {
                    lookBeyond(beyond, last, alone, pairs);
                }
                if (pairs.isEmpty()) {
                    // What is left has been proposed, or its partner is.
                    TimeUnit.MILLISECONDS.sleep(1);
                }
                Proposal proposal = new Proposal(pairs);
                while (!pairs.isEmpty()
                        && missing.get() > 0
                        && !proposals.offer(proposal, WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    private static void lookBeyond(PreparedStatement beyond, long last, Map<String, Long> alone, List<long[]> pairs)
            throws SQLException {
        Connection connection = beyond.getConnection();
        beyond.setArray(1, connection.createArrayOf("bigint", alone.values().toArray()));
        beyond.setArray(2, connection.createArrayOf("text", alone.keySet().toArray()));
        beyond.setLong(3, last);
        try (ResultSet rows = beyond.executeQuery()) {
            while (rows.next()) {
                pairs.add(new long[] {rows.getLong(1), rows.getLong(2)});
            }
        }
    }

    private void accept(Connection connection, BlockingQueue<Proposal> proposals, AtomicLong missing)
            throws SQLException, InterruptedException {
        try (PreparedStatement record = connection.prepareStatement(elements.named(RECORD))) {
            while (missing.get() > 0) {
                Proposal proposal = proposals.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS);
                Set<Long> taken = new HashSet<>();
                List<Long> firsts = new ArrayList<>();
                List<Long> seconds = new ArrayList<>();
                for (; proposal != null; proposal = firsts.size() < PAIRS_MAX ? proposals.poll() : null) {
                    for (long[] pair : proposal.pairs()) {
                        if (!taken.contains(pair[0]) && !taken.contains(pair[1])) {
                            taken.add(pair[0]);
                            taken.add(pair[1]);
                            firsts.add(pair[0]);
                            seconds.add(pair[1]);
                        }
                    }
                }
                if (!firsts.isEmpty()) {
                    record.setArray(1, connection.createArrayOf("bigint", firsts.toArray()));
                    record.setArray(2, connection.createArrayOf("bigint", seconds.toArray()));
                    missing.addAndGet(-record.executeUpdate());
                }
            }
        }
    }

    private interface Sink {
        void take(long id, String key);
    }

    /** Hands out the pages, each to one searcher, from the oldest to the newest and again. */
    private static final class Pages {
        private long after = Long.MIN_VALUE;

        /** Reads the next page; returns its last id. */
        synchronized long next(PreparedStatement page, Sink sink) throws SQLException {
            page.setLong(1, after);
            page.setInt(2, PAGE);
            long last = after;
            int count = 0;
            try (ResultSet rows = page.executeQuery()) {
                while (rows.next()) {
                    last = rows.getLong(1);
                    sink.take(last, rows.getString(2));
                    count++;
                }
            }
            after = count < PAGE ? Long.MIN_VALUE : last;
            return last;
        }
    }
}
