package io.pgmatch.model;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How many wait in a pool, as last read from the database.
 *
 * @param pool its name
 * @param waiting tasks that wait
 * @param oldestWait how long the first of them had waited; null if none waits
 * @param readAt when that was read, by the database's clock
 */
public record PoolReading(
        String pool, long waiting, @Nullable Duration oldestWait, Instant readAt) {}
