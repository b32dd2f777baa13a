package io.pgmatch.matching;

import io.pgmatch.rule.Rule;
import io.pgmatch.store.Transaction;
import java.time.Instant;

/**
 * What a round goes by.
 *
 * @param rule the rule in force when it began
 * @param version the version of that rule
 * @param now the round's time
 * @param isOptimistic whether it locks none of the tasks that nobody else is likely to touch
 */
record Terms(Transaction transaction, String pool, Rule rule, int version, Instant now, boolean isOptimistic) {}
