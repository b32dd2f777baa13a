package io.pgmatch.matching;

import io.pgmatch.rule.Rule;
import io.pgmatch.store.ReadClock;
import io.pgmatch.store.Transaction;
import java.time.Instant;

/**
 * What a round goes by.
 *
 * @param rule the rule in force when it began
 * @param version the version of that rule
 * @param now the round's time
 * @param isTimeVirtual whether that is not the database's
 * @param isOptimistic whether it locks none of the tasks that nobody else is likely to touch
 */
record Terms(
        Transaction transaction,
        String pool,
        Rule rule,
        int version,
        Instant now,
        boolean isTimeVirtual,
        boolean isOptimistic) {
    /** An instant after all that the round has done, and before what it does next. */
    Instant clock() {
        return isTimeVirtual ? now : ReadClock.run(transaction);
    }
}
