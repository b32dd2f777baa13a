package io.pgmatch.matching;

import io.pgmatch.model.MatcherCounts;
import java.util.concurrent.atomic.LongAdder;

/** What a matcher has done since it started. Thread-safe. */
final class Counters {
    private final LongAdder rounds = new LongAdder();
    private final LongAdder claimed = new LongAdder();
    private final LongAdder pairs = new LongAdder();
    private final LongAdder parked = new LongAdder();
    private final LongAdder contended = new LongAdder();
    private final LongAdder expired = new LongAdder();
    private final LongAdder failedComparisons = new LongAdder();

    void count(Round.Outcome outcome) {
        if (outcome.claimed() > 0) {
            rounds.increment();
            claimed.add(outcome.claimed());
            pairs.add(outcome.pairs());
            parked.add(outcome.parked());
            contended.add(outcome.contended());
        }
    }

    void countExpired(int tasks) {
        expired.add(tasks);
    }

    void countFailedComparison() {
        failedComparisons.increment();
    }

    MatcherCounts read() {
        return new MatcherCounts(
                rounds.sum(),
                claimed.sum(),
                pairs.sum(),
                parked.sum(),
                contended.sum(),
                expired.sum(),
                failedComparisons.sum());
    }
}
