package io.pgmatch.model;

/**
 * Names a task that was inserted.
 *
 * @param pool the pool it went into
 * @param id its id there, never used again
 */
public record TaskId(String pool, long id) {}
