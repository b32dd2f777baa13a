package io.pgmatch.matching;

import io.pgmatch.rule.Rule;
import io.pgmatch.store.FindRule;
import io.pgmatch.store.Transaction;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The parsed rules of the pools, as many as were last used: one version a pool. Thread-safe. */
final class Rules {
    private final Map<String, Versioned> byPool = new ConcurrentHashMap<>();

    private record Versioned(int version, Rule rule) {}

    /** The rule of that version, read and parsed if it is not the one last used. */
    Rule get(Transaction transaction, String pool, int version) {
        Versioned known = byPool.get(pool);
        if (known == null || known.version() != version) {
            known = new Versioned(version, Rule.parse(FindRule.run(transaction, pool, version)));
            byPool.put(pool, known);
        }
        return known.rule();
    }
}
