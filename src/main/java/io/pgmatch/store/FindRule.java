package io.pgmatch.store;

import static io.pgmatch.store.generated.Tables.POOL_RULES;

import io.pgmatch.model.PgmatchException;
import org.jooq.JSONB;

/** Reads one version of a pool's rule, also of a pool that was dropped. */
public final class FindRule {
    private FindRule() {}

    /** The rule as JSON. */
    public static String run(Transaction transaction, String pool, int ruleVersion) {
        JSONB rule = transaction
                .dsl()
                .select(POOL_RULES.RULE)
                .from(POOL_RULES)
                .where(POOL_RULES.POOL.eq(pool), POOL_RULES.RULE_VERSION.eq(ruleVersion))
                .fetchOne(POOL_RULES.RULE);
        if (rule == null) {
            throw new PgmatchException(
                    "pool \"" + pool + "\": wanted version " + ruleVersion + " of its rule in pool_rules, got none");
        }
        return rule.data();
    }
}
