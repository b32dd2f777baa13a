package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.model.SearchPlan;
import org.jspecify.annotations.Nullable;

/**
 * A rule that a command was told to read.
 *
 * @param text the rule as JSON
 * @param plan how partners are searched for under it
 */
record RuleFile(String text, SearchPlan plan) {
    /**
     * Reads a rule from a file, or from stdin if that is {@code -}, and checks it.
     *
     * @throws PgmatchException if it is no rule; the message names the file and the place
     */
    static RuleFile read(String file, @Nullable ClassLoader classLoader) {
        String text = InputText.read(file);
        try {
            return new RuleFile(text, Pgmatch.checkRule(text, classLoader));
        } catch (PgmatchException e) {
            throw new PgmatchException(InputText.name(file) + ": " + e.getMessage(), e);
        }
    }
}
