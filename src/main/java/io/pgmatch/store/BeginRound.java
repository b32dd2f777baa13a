package io.pgmatch.store;

import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.TaskNeeds;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.store.ClaimTasks.Claim;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The first trip of a round: applies its settings, reads the clock and the state of the pool, and may claim at once. */
public final class BeginRound {
    private final RoundStatement statement;

    /** The statement of rounds with these settings. */
    public BeginRound(RoundSettings settings) {
        this.statement = new RoundStatement("""
                SELECT coalesce(?::timestamptz, now()), current_setting('transaction_isolation'), p.rule_version,
                       p.paused, %s
                FROM pgmatch.pools AS p
                WHERE p.pool = ?
                """.formatted(settings.columns()));
    }

    /**
     * What a round starts from.
     *
     * @param now the round's time, by the database: of its beginning, or of the end of a first claim that asked for that
     * @param ruleVersion version of the rule in force
     * @param paused whether the pool is to be left alone
     */
    public record Start(Instant now, int ruleVersion, boolean paused) {}

    /**
     * What a round claims as it begins, before it knows the rule in force.
     *
     * @param version of the rule that it takes to be in force
     * @param needs what that rule has to know of each task
     * @param freshId in the order (search_at, id) to start at this one of the fresh tasks
     * @param limit most tasks to claim, at least 1
     * @param withPartner whether a partner is to be locked with the one task that is claimed; see {@link ClaimWithPartner}
     * @param readsClock whether the round's time is read behind the claim, since the rule changes with time
     */
    public record FirstClaim(
            int version, TaskNeeds needs, long freshId, int limit, boolean withPartner, boolean readsClock) {
        /** Refuses a partner for more than one. */
        public FirstClaim {
            if (withPartner && limit != 1) {
                throw new IllegalArgumentException("limit: wanted 1, with a partner for it, got " + limit);
            }
        }
    }

    /**
     * How a round began.
     *
     * @param claim what is due; null if that was not asked for, or if another version of the rule is in force than was taken
     *     to be
     * @param partner who was locked as a partner for the task that was claimed; null if nobody was
     */
    public record Begun(
            Start start, @Nullable Claim claim, @Nullable WaitingTask partner) {}

    /**
     * Runs the statement, and a first claim in the same round trip; empty if the pool does not exist.
     *
     * @param virtualNow the time to go by; null, outside tests and simulations, for the database's
     * @param first null to claim nothing yet
     */
    public Optional<Begun> run(
            Transaction transaction, String pool, @Nullable Instant virtualNow, @Nullable FirstClaim first) {
        StartReader reader = new StartReader();
        Object time = ReadClock.value(virtualNow);
        OneTrip trip = new OneTrip().query(statement, reader, time, pool);
        ClaimReader claimed = first == null ? null : add(first, trip, pool, virtualNow);
        if (first != null && first.readsClock()) {
            trip.query(ReadClock.STATEMENT, reader::readClock, time);
        }
        trip.run(transaction);
        Start start = reader.start;
        if (start == null) {
            return Optional.empty();
        }
        if (first == null || claimed == null || first.version() != start.ruleVersion()) {
            return Optional.of(new Begun(start, null, null));
        }
        return Optional.of(new Begun(start, claimed.claim(first.limit()), claimed.partner()));
    }

    private static ClaimReader add(FirstClaim first, OneTrip trip, String pool, @Nullable Instant now) {
        return first.withPartner()
                ? ClaimWithPartner.add(trip, pool, now, first.version(), first.needs(), first.freshId())
                : ClaimTasks.addDue(trip, pool, now, first.version(), first.needs(), first.freshId(), first.limit());
    }

    /** Reads the one row, if there is one. */
    private static final class StartReader implements RoundStatement.RowReader {
        private @Nullable Start start;

        @Override
        public void read(ResultSet row) throws SQLException {
            requireReadCommitted(row.getString(2));
            start = new Start(ReadClock.instant(row), row.getInt(3), row.getBoolean(4));
        }

        /** Reads the clock once more, if the pool exists. */
        private void readClock(ResultSet row) throws SQLException {
            if (start != null) {
                start = new Start(ReadClock.instant(row), start.ruleVersion(), start.paused());
            }
        }
    }

    private static void requireReadCommitted(String isolation) {
        if (!isolation.equals("read committed")) {
            throw new PgmatchException("default_transaction_isolation: matchers want \"read committed\", got \""
                    + isolation + "\"; set it for their role: "
                    + "ALTER ROLE … SET default_transaction_isolation = 'read committed'");
        }
    }
}
