package io.pgmatch.matching;

import io.pgmatch.model.PgmatchException;
import io.pgmatch.rule.Rule;
import io.pgmatch.rule.RuleException;
import io.pgmatch.rule.RuleLanguage;
import io.pgmatch.store.FindRule;
import io.pgmatch.store.Transaction;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parsed rules of the pools, as many as were last used: one version a pool. Thread-safe. */
public final class Rules {
    private static final Logger LOG = LoggerFactory.getLogger("io.pgmatch.Matcher");

    private final RuleLanguage language;
    private final Map<String, Versioned> byPool = new ConcurrentHashMap<>();

    /**
     * A version of a pool's rule.
     *
     * @param rule null if it cannot be used here
     */
    record Versioned(int version, @Nullable Rule rule) {}

    /** Rules that name no conditions written in Java. */
    Rules() {
        this(RuleLanguage.whole());
    }

    /** Rules in that language. */
    Rules(RuleLanguage language) {
        this.language = language;
    }

    /** The rule that a pool has; an error that names the pool if it cannot be used here. */
    public static Rule parse(RuleLanguage language, String pool, String ruleJson) {
        try {
            return language.parse(ruleJson);
        } catch (RuleException e) {
            throw new PgmatchException("pool \"" + pool + "\", its rule: " + e.getMessage(), e);
        }
    }

    /** The rule that the pool had when it was asked for last; null if it never was. */
    @Nullable
    Versioned known(String pool) {
        return byPool.get(pool);
    }

    /**
     * The rule of that version, read and parsed if it is not the one last used; null, with one line in the
     * log, for a rule that cannot be used here, because a class it names is not on the class path for
     * instance. Other pools must not suffer from it.
     */
    @Nullable
    Rule find(Transaction transaction, String pool, int version) {
        Versioned known = byPool.get(pool);
        if (known != null && known.version() == version) {
            return known.rule();
        }
        String json = FindRule.run(transaction, pool, version);
        try {
            known = new Versioned(version, parse(language, pool, json));
        } catch (PgmatchException e) {
            LOG.error("leaving a pool alone: {}", e.getMessage());
            known = new Versioned(version, null);
        }
        byPool.put(pool, known);
        return known.rule();
    }
}
