package io.pgmatch.buffer;

/** Where flushes go. */
interface Sink {
    /**
     * Tries once to insert what the flush has in hand; returns what was committed. Throws if it cannot say
     * that anything was. For the writer.
     */
    Trial attempt(Flush flush);

    /** Cuts an attempt that is under way, which then throws. For any thread. */
    void abort();
}
