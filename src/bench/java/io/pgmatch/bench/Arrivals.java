package io.pgmatch.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Tasks that come one after the other, each with exactly one partner that comes before or after it: at the
 * same place, at which nobody else is. Half of the time a task comes whose partner has come, one of the last
 * hundred or so. Used by one thread.
 */
final class Arrivals {
    private static final int OPEN = 50;
    private static final int MODES = 1_000;
    private static final int RATING_STEP = 100;

    /** Shares no factor with the number of levels, so that neighbours in time lie apart in the index. */
    private static final long STRIDE = 7_919;

    /**
     * In one of a thousand modes, with ratings a hundred apart: nobody is near enough to anybody. {@code n}
     * counts from 1.
     */
    static final String WAITING = """
            jsonb_build_object('mode', (n - 1) % 1000, 'rating', 100 * ((n - 1) / 1000))
            """;

    /** The modes must be equal, and the ratings close. */
    static final String RULE = """
            {"attributes": {"mode": {"type": "number"}, "rating": {"type": "number"}},
             "match": [{"equal": "mode"}, {"distance": "rating", "max": 25}]}
            """;

    private final SplittableRandom random = new SplittableRandom(42);
    private final List<Long> open = new ArrayList<>();
    private final long levels;
    private final long pairs;
    private long begun;
    private long come;

    /**
     * So many pairs.
     *
     * @param waiting how many wait that fit nobody; the arrivals come among them, half way between two
     */
    Arrivals(long pairs, long waiting) {
        this.pairs = pairs;
        this.levels = Math.max(waiting / MODES, pairs / MODES + 1);
    }

    /** The attributes of the next one. */
    String next() {
        boolean begins = begun < pairs && (come++ % 2 == 0 || open.size() < OPEN);
        long place;
        if (begins) {
            place = begun++;
            open.add(place);
        } else {
            int index = random.nextInt(open.size());
            place = open.get(index);
            open.set(index, open.get(open.size() - 1));
            open.remove(open.size() - 1);
        }
        long rating = RATING_STEP * (place / MODES * STRIDE % levels) + RATING_STEP / 2;
        return "{\"mode\": " + place % MODES + ", \"rating\": " + rating + "}";
    }
}
