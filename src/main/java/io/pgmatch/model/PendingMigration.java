package io.pgmatch.model;

/**
 * A migration that has not been applied yet.
 *
 * @param name its file name
 * @param sql its text
 */
public record PendingMigration(String name, String sql) {}
