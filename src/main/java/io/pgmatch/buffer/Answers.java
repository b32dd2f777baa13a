package io.pgmatch.buffer;

import java.util.ArrayList;
import java.util.List;

/** Tasks that were decided together: first they are counted, then whoever waits is told. For one thread. */
final class Answers {
    private final List<Entry> entries = new ArrayList<>();
    private final Settlement settlement = new Settlement();

    void add(Entry entry) {
        entries.add(entry);
        settlement.add(entry.outcome(), entry.bytes);
    }

    Settlement settlement() {
        return settlement;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Completes the futures. What programs hung on them runs here, on this thread. */
    void tell() {
        entries.forEach(Entry::answer);
    }
}
