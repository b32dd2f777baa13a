package io.pgmatch.buffer;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link QueuePair} holds. The links belong to the queue that it is in, and are guarded by the
 * lock of the pair.
 */
abstract class Node {
    /** What a later submission replaces, and what is cancelled by; null if neither can be. */
    final @Nullable RefKey key;

    /** What goes in one piece, in a transaction of its own; null if anything may be beside it. */
    final @Nullable Batch batch;

    /** Its size. */
    final long bytes;

    @Nullable
    NodeQueue queue;

    @Nullable
    Node before;

    @Nullable
    Node after;

    /** When it was admitted, by {@link System#nanoTime}. Written under the lock of the pair. */
    long admittedNanos;

    Node(@Nullable RefKey key, @Nullable Batch batch, long bytes) {
        this.key = key;
        this.batch = batch;
        this.bytes = bytes;
    }

    /** A ref within its pool. */
    record RefKey(String pool, String ref) {}
}
