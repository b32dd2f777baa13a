package io.pgmatch.model;

import java.time.Instant;

/**
 * A pool: a named queue with one rule.
 *
 * @param name unique; 1 to 100 of the letters A-Z and a-z, digits, and {@code _ . : / -}
 * @param rule the rule as JSON, as its author wrote it
 * @param ruleVersion counts the rules that this name ever had, from 1
 * @param paused whether matchers leave it alone
 * @param createdAt when it was created
 * @param deriving whether some waiting tasks may still be derived by an earlier version of the rule
 */
public record Pool(String name, String rule, int ruleVersion, boolean paused, Instant createdAt, boolean deriving) {}
