package io.pgmatch.rule;

import java.time.Instant;
import java.util.List;

/**
 * Whether two tasks may be paired at an instant, and why.
 *
 * @param accepted what {@link Rule#accepts} says
 * @param forward the conditions of the rule, judged from the first task to the second
 * @param backward the same conditions, judged from the second to the first; they differ only in
 *     whose waiting counts, and in conditions written in Java
 * @param changesAt the earliest instant at which any of that may change; {@link Instant#MAX} if
 *     never
 */
public record Verdict(boolean accepted, List<Explanation> forward, List<Explanation> backward, Instant changesAt) {
    /** Copies the lists. */
    public Verdict {
        forward = List.copyOf(forward);
        backward = List.copyOf(backward);
    }
}
