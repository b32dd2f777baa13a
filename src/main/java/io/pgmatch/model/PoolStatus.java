package io.pgmatch.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a pool stands.
 *
 * @param pool its name
 * @param paused whether matchers leave it alone
 * @param waiting tasks that wait
 * @param due those of them to be searched for now
 * @param oldestWait how long the first of them has waited; null if none waits
 * @param pairs pairs ever made
 * @param pairsLastMinute those of the last minute
 * @param retired tasks that left without a partner
 */
public record PoolStatus(
        String pool,
        boolean paused,
        long waiting,
        long due,
        @Nullable Duration oldestWait,
        long pairs,
        long pairsLastMinute,
        long retired) {}
