package io.pgmatch.model;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A waiting task, as a listing shows it.
 *
 * @param pool the pool it waits in
 * @param id its id
 * @param ref the producer's name for it, if it has one
 * @param attributes JSON
 * @param insertedAt since when it waits
 * @param waited how long it has waited, by the database's clock
 * @param state where it stands in its life
 * @param searchIn when it is searched for next: zero if it is due, null if it is parked
 * @param expiresAt when it retires, if ever
 */
public record Task(
        String pool,
        long id,
        @Nullable String ref,
        String attributes,
        Instant insertedAt,
        Duration waited,
        State state,
        @Nullable Duration searchIn,
        @Nullable Instant expiresAt) {
    /** The states of a waiting task; docs/architecture.md draws them. */
    public enum State {
        /** Never searched for. */
        FRESH,
        /** To be searched for again, now. */
        DUE,
        /** To be searched for again, later. */
        ASLEEP,
        /** Nothing more to do on its behalf: a newcomer will find it. */
        PARKED
    }
}
