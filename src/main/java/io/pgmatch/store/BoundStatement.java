package io.pgmatch.store;

/**
 * A statement with its parameters.
 *
 * @param values as many as it has question marks, in that order
 */
record BoundStatement(RoundStatement statement, Object... values) {}
