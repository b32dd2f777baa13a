package io.pgmatch.store;

import static io.pgmatch.store.generated.Tables.POOL_RULES;

import io.pgmatch.model.PgmatchException;
import java.util.Optional;
import org.jooq.JSONB;

/** Reads one version of a pool's rule, also of a pool that was dropped. */
public final class FindRule {
    private FindRule() {}

    /** The rule as JSON; an error if there is no such version. */
    public static String run(Transaction transaction, String pool, int ruleVersion) {
        return find(transaction, pool, ruleVersion)
                .orElseThrow(() -> new PgmatchException("pool \"" + pool + "\": wanted version " + ruleVersion
                        + " of its rule in pool_rules, got none"));
    }

    /** The rule as JSON, if there is that version. */
    public static Optional<String> find(Transaction transaction, String pool, int ruleVersion) {
        return transaction
                .dsl()
                .select(POOL_RULES.RULE)
                .from(POOL_RULES)
                .where(POOL_RULES.POOL.eq(pool), POOL_RULES.RULE_VERSION.eq(ruleVersion))
                .fetchOptional(POOL_RULES.RULE)
                .map(JSONB::data);
    }
}
