package io.pgmatch;

import io.pgmatch.model.PgmatchException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a matcher.
 *
 * @param name recorded with each pair it makes; unique among those that run at a time
 * @param pools the pools it works in; null, or empty, for all
 * @param workers threads, each with a connection of its own, 1 to 64
 * @param claimBatchMax most tasks that a round claims, 1 to 100,000; 1 is the plain loop
 * @param backlogRoundsMax most rounds at once, of all matchers, that drain the backlog of a pool, 1 to 1,000: as many as the
 *     server has cores, since more only make each other slower
 * @param grace how long the rounds in hand may take to finish when it closes, at most an hour
 * @param listen whether to be called by NOTIFY; costs a connection, and needs a direct one
 */
public record MatcherConfig(
        String name,
        @Nullable Set<String> pools,
        int workers,
        int claimBatchMax,
        int backlogRoundsMax,
        Duration grace,
        boolean listen) {
    /** Most tasks that a round claims by default; docs/benchmarks.md has what other sizes measured. */
    public static final int CLAIM_BATCH_DEFAULT = 40_000;

    /** How long rounds may take to finish by default. */
    public static final Duration GRACE_DEFAULT = Duration.ofSeconds(15);

    private static final int WORKERS_MAX = 64;
    private static final int CLAIM_BATCH_MAX = 100_000;
    private static final int BACKLOG_ROUNDS_MAX = 1_000;
    private static final int NAME_LENGTH_MAX = 200;
    private static final Duration GRACE_MAX = Duration.ofHours(1);

    /** Refuses settings out of bounds. */
    public MatcherConfig {
        if (name.isBlank() || name.length() > NAME_LENGTH_MAX) {
            throw new PgmatchException("name: wanted 1 to " + NAME_LENGTH_MAX + " characters, got " + name.length());
        }
        checkRange("workers", workers, WORKERS_MAX);
        checkRange("batch", claimBatchMax, CLAIM_BATCH_MAX);
        checkRange("backlog-rounds", backlogRoundsMax, BACKLOG_ROUNDS_MAX);
        if (grace.isNegative() || grace.compareTo(GRACE_MAX) > 0) {
            throw new PgmatchException("grace: wanted 0 s to 3600 s, got " + grace.toSeconds() + " s");
        }
        pools = pools == null || pools.isEmpty() ? null : Set.copyOf(pools);
    }

    /** As many as this machine has cores, which is what is known of the server's; and two at least. */
    public static int backlogRoundsDefault() {
        return Math.max(2, Runtime.getRuntime().availableProcessors());
    }

    /** Connections that the matcher uses at most: give its data source no fewer. */
    public int connections() {
        return workers + (listen ? 2 : 1);
    }

    private static void checkRange(String name, int value, int max) {
        if (value < 1 || value > max) {
            throw new PgmatchException(name + ": wanted 1 to " + max + ", got " + value);
        }
    }
}
