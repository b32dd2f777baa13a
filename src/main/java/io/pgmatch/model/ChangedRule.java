package io.pgmatch.model;

/**
 * What a change of a pool's rule did.
 *
 * @param ruleVersion the version that is in force
 * @param derived waiting tasks that it brought under the rule, to be searched for again; matchers may
 *     have done some more
 * @param refused waiting tasks that were retired since the version came into force, because it refuses
 *     them
 */
public record ChangedRule(int ruleVersion, long derived, long refused) {}
