package io.pgmatch.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why two waiting tasks may be paired, or may not.
 *
 * @param first one of them
 * @param second the other
 * @param accepted whether the rule accepts them
 * @param now the database's time at which that is so
 * @param changesAt when any of it may next change; null if never
 * @param conditions every condition, in both directions, parts after what they are part of
 */
public record PairExplanation(
        Task first,
        Task second,
        boolean accepted,
        Instant now,
        @Nullable Instant changesAt,
        List<JudgedCondition> conditions) {
    /** Copies the list. */
    public PairExplanation {
        conditions = List.copyOf(conditions);
    }
}
