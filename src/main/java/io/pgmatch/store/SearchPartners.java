package io.pgmatch.store;

import io.pgmatch.model.TaskNeeds;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.model.Window;
import io.pgmatch.store.RoundStatement.Rows;
import io.pgmatch.store.Transaction.Started;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads who waits in some windows; without a lock, but for {@link Scope#AHEAD}: rows are seen whoever
 * holds them, as they were committed when the statement started.
 */
public final class SearchPartners {
    private static final String ROUND =
            "(SELECT ?::text COLLATE \"C\", ?::integer, ?::timestamptz) AS p (pool, version, now)";

    private static final String WINDOWS_BY_RANK_UP = """
            unnest(?::bigint[], ?::float8[], ?::bigint[], ?::float8[], ?::integer[])
                 WITH ORDINALITY AS w (bucket, after, after_id, until, most, place)""";

    static final TaskStatement WAITING = new TaskStatement(
            columns -> """
            SELECT %s, w.place
            FROM %s
            CROSS JOIN %s
            CROSS JOIN LATERAL (
                SELECT *
                FROM pgmatch.tasks AS s
                WHERE %s
                  AND s.search_at > '-infinity'
                ORDER BY s.rank, s.id
                LIMIT w.most) AS t
            """.formatted(columns, ROUND, WINDOWS_BY_RANK_UP, inWindowAfter("w.after_id")));

    /**
     * The lowest id of all fresh tasks, found once. They are asked for by an inequality, so that their order is that of no
     * index but tasks_claim: in that of the ids it would lie behind all who wait.
     */
    private static final String FIRST_FRESH = """
            LATERAL (
                SELECT (
                    SELECT f.id
                    FROM pgmatch.tasks AS f
                    WHERE f.pool = p.pool AND f.search_at <= '-infinity'
                    ORDER BY f.search_at, f.id
                    LIMIT 1) AS first_id
                OFFSET 0) AS fresh""";

    /**
     * Of a window the first who wait, and as many fresh ones. What those who were drained from a backlog left in the index of
     * the fresh ones is passed over by id, without a look at the table: at the lowest rank of a window the index is entered
     * where the first fresh task is; beyond, each entry is compared with it.
     */
    private static final String WAITING_THEN_FRESH =
            """
            (SELECT *
             FROM pgmatch.tasks AS s
             WHERE %s
               AND s.search_at > '-infinity'
             ORDER BY s.rank, s.id
             LIMIT w.most)
            UNION ALL
            (SELECT *
             FROM pgmatch.tasks AS s
             WHERE %s
               AND s.search_at = '-infinity' AND s.id >= fresh.first_id
             ORDER BY s.rank, s.id
             LIMIT w.most)""".formatted(inWindowAfter("w.after_id"), inWindowAfter("greatest(w.after_id, fresh.first_id - 1)"));

    /** All, whatever their state. */
    static final TaskStatement ALL = new TaskStatement(
            columns -> """
            SELECT %s, w.place
            FROM %s
            CROSS JOIN %s
            CROSS JOIN %s
            CROSS JOIN LATERAL (
                SELECT *
                FROM (%s) AS u
                ORDER BY u.rank, u.id
                LIMIT w.most) AS t
            """.formatted(columns, ROUND, FIRST_FRESH, WINDOWS_BY_RANK_UP, WAITING_THEN_FRESH));

    /** Those of WAITING, and beside them, of each window, as many fresh ones. */
    static final TaskStatement WAITING_AND_FRESH = new TaskStatement(
            columns -> """
            SELECT %s, w.place, t.search_at = '-infinity' AS is_fresh
            FROM %s
            CROSS JOIN %s
            CROSS JOIN %s
            CROSS JOIN LATERAL (%s) AS t
            """.formatted(columns, ROUND, FIRST_FRESH, WINDOWS_BY_RANK_UP, WAITING_THEN_FRESH));

    /** The fresh ones, locked: those that others hold are passed over. */
    static final TaskStatement AHEAD = new TaskStatement(
            columns -> """
            SELECT %s, w.place
            FROM %s
            CROSS JOIN %s
            CROSS JOIN LATERAL (
                SELECT *
                FROM pgmatch.tasks AS s
                WHERE %s
                  AND s.search_at = '-infinity'
                ORDER BY s.rank, s.id
                LIMIT w.most
                FOR UPDATE SKIP LOCKED) AS t
            """.formatted(columns, ROUND, WINDOWS_BY_RANK_UP, inWindowAfter("w.after_id")));

    /** The same without a lock on any row: it tells of each whether it is to be locked first. */
    static final TaskStatement AHEAD_UNLOCKED = new TaskStatement(columns -> """
            SELECT %s, w.place, t.is_to_lock
            FROM %s
            CROSS JOIN %s
            CROSS JOIN LATERAL (
                SELECT *, %s AS is_to_lock
                FROM pgmatch.tasks AS s
                WHERE %s
                  AND s.search_at = '-infinity'
                ORDER BY s.rank, s.id
                LIMIT w.most) AS t
            """.formatted(
            columns, ROUND, WINDOWS_BY_RANK_UP, ClaimTasks.isToLock("s", "p.now"), inWindowAfter("w.after_id")));

    /**
     * Those that have been searched for before, in any of the orders; the windows are numbered by it.
     * Of what is read in the order of preference much may lie elsewhere by rank: that does not leave the
     * server, save for the last task of each page, which says how far the page went.
     */
    static final TaskStatement ORDERED = new TaskStatement(columns -> """
            SELECT %s, w.place, t.number, t.passed
            FROM %s
            CROSS JOIN unnest(?::integer[], ?::bigint[], ?::float8[], ?::bigint[], ?::float8[], ?::integer[],
                              ?::float8[], ?::float8[])
                 WITH ORDINALITY AS w (direction, bucket, after, after_id, until, most, low_rank, high_rank, place)
            CROSS JOIN LATERAL (
                SELECT u.*, row_number() OVER () AS passed, lead(u.id) OVER () IS NULL AS is_last
                FROM (
                (SELECT s.*, s.rank AS number
                 FROM pgmatch.tasks AS s
                 WHERE w.direction = 0
                   AND s.pool = p.pool AND s.bucket = w.bucket AND s.rule_version = p.version
                   AND (s.rank, s.id) > (w.after, w.after_id) AND s.rank <= w.until
                   AND (s.expires_at IS NULL OR s.expires_at > p.now)
                   AND s.search_at > '-infinity'
                 ORDER BY s.rank, s.id
                 LIMIT w.most)
                UNION ALL
                (SELECT s.*, s.rank
                 FROM pgmatch.tasks AS s
                 WHERE w.direction = 1
                   AND s.pool = p.pool AND s.bucket = w.bucket AND s.rule_version = p.version
                   AND (s.rank, s.id) < (w.after, w.after_id) AND s.rank >= w.until
                   AND (s.expires_at IS NULL OR s.expires_at > p.now)
                   AND s.search_at > '-infinity'
                 ORDER BY s.rank DESC, s.id DESC
                 LIMIT w.most)
                UNION ALL
                (SELECT s.*, s.preference
                 FROM pgmatch.tasks AS s
                 WHERE w.direction = 2
                   AND s.pool = p.pool AND s.bucket = w.bucket AND s.rule_version = p.version
                   AND (s.preference, s.id) > (w.after, w.after_id) AND s.preference <= w.until
                   AND (s.expires_at IS NULL OR s.expires_at > p.now)
                   AND s.search_at > '-infinity' AND s.preference IS NOT NULL
                 ORDER BY s.preference, s.id
                 LIMIT w.most)
                UNION ALL
                (SELECT s.*, s.preference
                 FROM pgmatch.tasks AS s
                 WHERE w.direction = 3
                   AND s.pool = p.pool AND s.bucket = w.bucket AND s.rule_version = p.version
                   AND (s.preference, s.id) < (w.after, w.after_id) AND s.preference >= w.until
                   AND (s.expires_at IS NULL OR s.expires_at > p.now)
                   AND s.search_at > '-infinity' AND s.preference IS NOT NULL
                 ORDER BY s.preference DESC, s.id DESC
                 LIMIT w.most)) AS u) AS t
            WHERE t.is_last OR t.rank BETWEEN w.low_rank AND w.high_rank
            """.formatted(columns, ROUND));

    private SearchPartners() {}

    /** The condition on a task s of the window w, by rank upwards, which at its lowest rank goes on after that id. */
    private static String inWindowAfter(String id) {
        return """
                s.pool = p.pool AND s.bucket = w.bucket AND s.rule_version = p.version
                  AND (s.rank, s.id) > (w.after, %s) AND s.rank <= w.until
                  AND (s.expires_at IS NULL OR s.expires_at > p.now)""".formatted(id);
    }

    /** Which tasks to read. */
    public enum Scope {
        /** Those that have been searched for before. */
        WAITING(SearchPartners.WAITING),
        /** Those, and by rank upwards as many fresh ones beside them, whoever holds them; in another order none. */
        WAITING_AND_FRESH(SearchPartners.WAITING_AND_FRESH),
        /** All, whatever their state and whoever holds them; by rank upwards only. */
        ALL(SearchPartners.ALL),
        /** The fresh ones that nobody else holds, which are then locked; by rank upwards only. */
        AHEAD(SearchPartners.AHEAD),
        /** The fresh ones, without a lock, and of each whether it is to be locked; by rank upwards only. */
        AHEAD_UNLOCKED(SearchPartners.AHEAD_UNLOCKED);

        private final TaskStatement statement;

        Scope(TaskStatement statement) {
            this.statement = statement;
        }
    }

    /**
     * A page of a window.
     *
     * @param most most tasks to read of it
     * @param lowRank in a window by preference, tasks of other ranks than from this one
     * @param highRank to this one may be left out
     */
    public record Page(Window window, int most, double lowRank, double highRank) {}

    /**
     * A task that was found.
     *
     * @param page index of the page it was found in
     * @param number the number that it has in the order of that window
     * @param passed how many tasks of the page were read by then, itself and those left out included, and fresh ones beside
     *     the page not
     * @param isToLock whether somebody may hold it, or be about to delete it; asked only of {@link Scope#AHEAD_UNLOCKED}
     * @param isFresh whether nobody has searched for it yet; asked only of {@link Scope#WAITING_AND_FRESH}
     */
    public record Found(int page, double number, int passed, boolean isToLock, boolean isFresh, WaitingTask task) {}

    /**
     * Starts the statement.
     *
     * @param version of the rule: tasks that were derived by another one are left out; when they are
     *     derived anew they are fresh, and will look themselves
     * @param now the round's time: tasks that have expired by then are left out
     * @param isLast whether no other of the same scope is started before its result is asked for; then the rows are read
     *     by whoever asks, so that the connection is free meanwhile
     * @param executor runs it
     * @return the tasks, page by page, each in the order of its window
     */
    public static Started<List<Found>> start(
            Transaction transaction,
            String pool,
            Scope scope,
            int version,
            Instant now,
            List<Page> pages,
            TaskNeeds needs,
            boolean isLast,
            Executor executor) {
        boolean byRankUp = isByRankUp(pages);
        if (!byRankUp && scope != Scope.WAITING && scope != Scope.WAITING_AND_FRESH) {
            throw new IllegalArgumentException("pages: wanted windows by rank upwards, got others");
        }
        RoundStatement statement = (byRankUp ? scope.statement : ORDERED).of(needs);
        @Nullable Object[] values = values(pool, version, now, pages, byRankUp);
        Reader reader = new Reader(
                new TaskRows(needs), byRankUp, scope == Scope.AHEAD_UNLOCKED, readsFresh(scope, pages), pages.size());
        Started<Supplier<List<Found>>> found = transaction.start(executor, () -> {
            Rows rows = statement.fetch(transaction, values);
            if (isLast) {
                return () -> reader.readAll(rows);
            }
            List<Found> read = reader.readAll(rows);
            return () -> read;
        });
        return () -> found.result().get();
    }

    /** Whether fresh tasks are read beside these pages. */
    public static boolean readsFresh(Scope scope, List<Page> pages) {
        return scope == Scope.WAITING_AND_FRESH && isByRankUp(pages);
    }

    private static boolean isByRankUp(List<Page> pages) {
        return pages.stream().allMatch(page -> page.window().order() == Window.Order.RANK_UP);
    }

    /** Reads what one statement found. */
    private static final class Reader {
        private final TaskRows tasks;
        private final boolean byRankUp;
        private final boolean tellsWhatIsToLock;
        private final boolean tellsWhatIsFresh;
        private final int placeColumn;
        private final int[] passed;
        private final List<Found> found = new ArrayList<>();

        Reader(TaskRows tasks, boolean byRankUp, boolean tellsWhatIsToLock, boolean tellsWhatIsFresh, int pageCount) {
            this.tasks = tasks;
            this.byRankUp = byRankUp;
            this.tellsWhatIsToLock = tellsWhatIsToLock;
            this.tellsWhatIsFresh = tellsWhatIsFresh;
            this.placeColumn = tasks.count() + 1;
            this.passed = new int[pageCount];
        }

        List<Found> readAll(Rows rows) {
            rows.read(this::read);
            return found;
        }

        private void read(ResultSet row) throws SQLException {
            WaitingTask task = tasks.read(row);
            int page = row.getInt(placeColumn) - 1;
            double number = byRankUp ? task.rank() : row.getDouble(placeColumn + 1);
            boolean isToLock = tellsWhatIsToLock && row.getBoolean(placeColumn + 1);
            boolean isFresh = tellsWhatIsFresh && row.getBoolean(placeColumn + 1);
            if (!isFresh) {
                passed[page] = byRankUp ? passed[page] + 1 : row.getInt(placeColumn + 2);
            }
            found.add(new Found(page, number, passed[page], isToLock, isFresh, task));
        }
    }

    private static @Nullable Object[] values(
            String pool, int version, Instant now, List<Page> pages, boolean byRankUp) {
        List<Object> values = new ArrayList<>();
        values.add(pool);
        values.add(version);
        values.add(now.atOffset(ZoneOffset.UTC));
        if (!byRankUp) {
            values.add(pages.stream()
                    .mapToInt(page -> page.window().order().ordinal())
                    .toArray());
        }
        values.add(pages.stream().mapToLong(page -> page.window().bucket()).toArray());
        values.add(pages.stream().mapToDouble(page -> page.window().after()).toArray());
        values.add(pages.stream().mapToLong(page -> page.window().afterId()).toArray());
        values.add(pages.stream().mapToDouble(page -> page.window().to()).toArray());
        values.add(pages.stream().mapToInt(Page::most).toArray());
        if (!byRankUp) {
            values.add(pages.stream().mapToDouble(Page::lowRank).toArray());
            values.add(pages.stream().mapToDouble(Page::highRank).toArray());
        }
        return values.toArray();
    }
}
