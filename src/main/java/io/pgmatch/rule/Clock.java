package io.pgmatch.rule;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Whose waiting counts when two tasks are judged. */
enum Clock {
    /** Each direction is judged by the wait of the task that it starts from. */
    EACH,
    /** Both directions are judged by the longer wait. */
    OLDEST,
    /** Both directions are judged by the shorter wait. */
    NEWEST;

    /** The words of all clocks. */
    static List<String> words() {
        return Arrays.stream(values())
                .map(clock -> clock.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    /** The clock that a rule calls {@code word}, one of {@link #words}. */
    static Clock of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /**
     * Since when the wait runs that counts in the direction from {@code seeker} to {@code partner}.
     */
    Instant since(Subject seeker, Subject partner) {
        Instant own = seeker.insertedAt();
        Instant others = partner.insertedAt();
        return switch (this) {
            case EACH -> own;
            case OLDEST -> own.isBefore(others) ? own : others;
            case NEWEST -> own.isBefore(others) ? others : own;
        };
    }
}
