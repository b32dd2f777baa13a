package io.pgmatch.cli;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.Pgmatch;
import io.pgmatch.Pgmatch.PairFollower;
import io.pgmatch.model.Pair;
import io.pgmatch.model.PgmatchException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Prints pairs as they are made, until a signal comes; outlives the database's restarts. */
final class PairsFollowing {
    private static final Duration POLL_PAUSE = Duration.ofMillis(150);
    private static final Duration RETRY_PAUSE_MIN = Duration.ofMillis(250);
    private static final Duration RETRY_PAUSE_MAX = Duration.ofSeconds(5);

    /** After a signal, for the statement or the reader that we may be waiting for. */
    private static final Duration END_WAIT = Duration.ofSeconds(2);

    private final CommandContext context;
    private final Console console;
    private final @Nullable String pool;
    private final @Nullable Integer newest;
    private final Format format;
    private final StopSignals signals = StopSignals.install(END_WAIT);

    /**
     * Pairs to be followed.
     *
     * @param pool the pool, or null for all
     * @param newest how many of the pairs that exist to start with, or null for all
     */
    PairsFollowing(CommandContext context, @Nullable String pool, @Nullable Integer newest, Format format) {
        this.context = context;
        this.console = context.console();
        this.pool = pool;
        this.newest = newest;
        this.format = format;
    }

    /** A signal came while there was still something to print. */
    private static final class StoppedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    int run() throws InterruptedException {
        ConnectionSettings settings = context.settings();
        CommandContext.requireReachable(settings);
        try (HikariDataSource connections = settings.open(1, CommandContext.REPORT_TIMEOUT)) {
            Pgmatch pgmatch = Pgmatch.on(connections);
            pgmatch.requireSchema();
            PairFollower follower = pgmatch.followPairs(pool);
            console.print(PairListing.PAIRS.header(format));
            if (newest != null) {
                follower.skipTo(newest, this::print);
            }
            console.flush();
            follow(follower);
        } catch (StoppedException e) {
            console.flush();
        }
        return 0;
    }

    private void follow(PairFollower follower) throws InterruptedException {
        Duration retryPause = RETRY_PAUSE_MIN;
        boolean away = false;
        boolean stopped = signals.isStopped();
        while (!stopped) {
            Duration pause = POLL_PAUSE;
            try {
                follower.poll(this::print);
                if (away) {
                    away = false;
                    retryPause = RETRY_PAUSE_MIN;
                    console.note("pgmatch: the database is back");
                }
            } catch (PgmatchException e) {
                if (!e.isTransient()) {
                    throw e;
                }
                if (!away) {
                    away = true;
                    console.error("the database is away, trying again until it is back: " + e.getMessage());
                }
                pause = retryPause;
                retryPause = Duration.ofMillis(Math.min(retryPause.toMillis() * 2, RETRY_PAUSE_MAX.toMillis()));
            }
            console.flush();
            stopped = signals.await(pause);
        }
    }

    private void print(Pair pair) {
        if (signals.isStopped()) {
            throw new StoppedException();
        }
        console.print(PairListing.PAIRS.line(format, pair));
    }
}
