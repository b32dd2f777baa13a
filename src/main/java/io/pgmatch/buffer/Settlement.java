package io.pgmatch.buffer;

/** Tasks that leave the buffer together, by what became of them. For one thread. */
final class Settlement {
    private final long[] tasks = new long[Outcome.values().length];
    private long bytes;

    void add(Outcome outcome, long size) {
        tasks[outcome.ordinal()]++;
        bytes += size;
    }

    long tasks(Outcome outcome) {
        return tasks[outcome.ordinal()];
    }

    long tasks() {
        long sum = 0;
        for (long count : tasks) {
            sum += count;
        }
        return sum;
    }

    long bytes() {
        return bytes;
    }
}
