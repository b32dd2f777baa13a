package io.pgmatch.buffer;

/** Where a task that leaves the buffer is counted. */
enum Outcome {
    ACKNOWLEDGED,
    REFUSED,
    FAILED,
    UNKNOWN,
    REPLACED,
    CANCELLED
}
