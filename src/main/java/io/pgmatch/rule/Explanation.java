package io.pgmatch.rule;

import java.time.Instant;
import java.util.List;

/**
 * Why a condition of a rule holds for two tasks, or does not.
 *
 * @param place where the condition stands, such as {@code match[0]}
 * @param condition the condition as compact JSON
 * @param compared the values compared, in words; empty where the parts say it all
 * @param holds whether the condition holds
 * @param changesAt when the condition itself next changes; {@link Instant#MAX} if never
 * @param parts the conditions that it is made of
 */
public record Explanation(
        String place, String condition, String compared, boolean holds, Instant changesAt, List<Explanation> parts) {
    /** Copies the parts. */
    public Explanation {
        parts = List.copyOf(parts);
    }

    /** Explains a condition by a wait that runs since an instant. */
    static Explanation of(Clause clause, Subject one, Subject other, Instant since, Instant now) {
        long waitedMicros = Waiting.micros(since, now);
        Condition condition = clause.condition();
        boolean holds;
        String compared;
        try {
            holds = clause.holds(one, other, waitedMicros);
            compared = condition.compared(one, other, waitedMicros);
        } catch (JavaCondition.Failed e) {
            holds = false;
            compared = String.valueOf(e.getMessage());
        }
        return new Explanation(
                clause.place(),
                clause.source(),
                clause.isDropped(waitedMicros) ? "dropped for its optionalAfter" : compared,
                holds,
                Waiting.reached(since, clause.nextChangeMicros(waitedMicros)),
                condition.parts().stream()
                        .map(part -> of(part, one, other, since, now))
                        .toList());
    }
}
