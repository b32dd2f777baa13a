package io.pgmatch.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A waiting task as a round reads it: what narrowing and judging need, and no more.
 *
 * @param id unique in the database, never used again
 * @param bucket the bucket it lies in; without meaning where {@code seeks} is empty
 * @param seeks the buckets its partners lie in; empty if it can have none. Not to be modified.
 * @param rank orders the tasks of a bucket before their ids do
 * @param attributes its attributes as JSON, or null where the rule reads none
 * @param insertedAt since when it waits, by the database's clock
 */
public record WaitingTask(
        long id,
        long bucket,
        long[] seeks,
        double rank,
        @Nullable String attributes,
        Instant insertedAt) {}
