package io.pgmatch.store;

import static io.pgmatch.store.generated.Tables.POOLS;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.currentOffsetDateTime;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.val;

import io.pgmatch.model.PgmatchException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jooq.Field;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The first statement of a round: applies its settings, reads the clock and the state of the pool. */
public final class BeginRound {
    private static final Field<String> ISOLATION =
            field("current_setting('transaction_isolation')", String.class).as("isolation");

    private BeginRound() {}

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
    public static Optional<Start> run(
            Transaction transaction, String pool, RoundSettings settings, @Nullable Instant virtualNow) {
        Field<OffsetDateTime> now = coalesce(
                        val(virtualNow == null ? null : virtualNow.atOffset(ZoneOffset.UTC), OffsetDateTime.class),
                        currentOffsetDateTime())
                .as("round_now");
        Record row = transaction
                .dsl()
                .select(settings.columns())
                .select(now, ISOLATION, POOLS.RULE_VERSION, POOLS.PAUSED)
                .from(POOLS)
                .where(POOLS.POOL.eq(pool))
                .fetchOne();
        if (row == null) {
            return Optional.empty();
        }
        if (!row.get(ISOLATION).equals("read committed")) {
            throw new PgmatchException("default_transaction_isolation: matchers want \"read committed\", got \""
                    + row.get(ISOLATION) + "\"; set it for their role: "
                    + "ALTER ROLE … SET default_transaction_isolation = 'read committed'");
        }
        return Optional.of(new Start(row.get(now).toInstant(), row.get(POOLS.RULE_VERSION), row.get(POOLS.PAUSED)));
    }
}
