package io.pgmatch.store;

import io.pgmatch.model.PgmatchException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The first statement of a round: applies its settings, reads the clock and the state of the pool. */
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
     * @param now the database's time for the whole round
     * @param ruleVersion version of the rule in force
     * @param paused whether the pool is to be left alone
     */
    public record Start(Instant now, int ruleVersion, boolean paused) {}

    /**
     * Runs the statement; empty if the pool does not exist.
     *
     * @param virtualNow the time to go by; null, outside tests and simulations, for the database's
     */
    public Optional<Start> run(Transaction transaction, String pool, @Nullable Instant virtualNow) {
        List<Start> starts = new ArrayList<>(1);
        statement.query(
                transaction,
                rows -> {
                    requireReadCommitted(rows.getString(2));
                    Instant now = rows.getObject(1, OffsetDateTime.class).toInstant();
                    starts.add(new Start(now, rows.getInt(3), rows.getBoolean(4)));
                },
                virtualNow == null ? null : virtualNow.atOffset(ZoneOffset.UTC),
                pool);
        return starts.stream().findFirst();
    }

    private static void requireReadCommitted(String isolation) {
        if (!isolation.equals("read committed")) {
            throw new PgmatchException("default_transaction_isolation: matchers want \"read committed\", got \""
                    + isolation + "\"; set it for their role: "
                    + "ALTER ROLE … SET default_transaction_isolation = 'read committed'");
        }
    }
}
