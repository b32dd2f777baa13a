package io.pgmatch.store;

import io.pgmatch.model.PoolReading;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jooq.Record;

/** Counts who waits, in every pool. Reads all tasks: for the background, now and then. */
public final class PoolWaits {
    /** One process, which takes its time: several would leave no core to those who wait for an answer. */
    static final String SETTINGS = "SELECT set_config('statement_timeout', ?, true), "
            + PlannerSettings.setting("max_parallel_workers_per_gather", "0") + ", "
            + PlannerSettings.setting("jit", "off");

    static final String SQL = """
            SELECT p.pool, coalesce(w.waiting, 0),
                   (extract(epoch FROM now() - w.oldest) * 1000)::bigint,
                   (extract(epoch FROM now()) * 1000)::bigint
            FROM pgmatch.pools AS p
            LEFT JOIN (SELECT pool, count(*) AS waiting, min(inserted_at) AS oldest
                       FROM pgmatch.tasks GROUP BY pool) AS w USING (pool)
            """;

    private PoolWaits() {}

    /** Every pool, by name. */
    public static Map<String, PoolReading> run(Transaction transaction, Duration timeout) {
        transaction.dsl().fetch(SETTINGS, Long.toString(timeout.toMillis()));
        Map<String, PoolReading> readings = new TreeMap<>();
        for (Record row : transaction.dsl().fetch(SQL)) {
            String pool = row.get(0, String.class);
            Long oldestMillis = row.get(2, Long.class);
            readings.put(
                    pool,
                    new PoolReading(
                            pool,
                            row.get(1, Long.class),
                            oldestMillis == null ? null : Duration.ofMillis(oldestMillis),
                            Instant.ofEpochMilli(row.get(3, Long.class))));
        }
        return Collections.unmodifiableMap(readings);
    }
}
