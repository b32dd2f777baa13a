package io.pgmatch.store;

import static io.pgmatch.store.generated.Tables.SLEEPING_MATCHERS;

import java.time.Duration;

/** Keeps the list of matchers that want to be called when tasks are inserted. */
public final class Sleepers {
    /** How long an entry is good for. */
    public static final Duration VALID = Duration.ofSeconds(60);

    private Sleepers() {}

    /** Enters a matcher, or renews its entry. */
    public static void fallAsleep(Database database, String matcher) {
        database.run(dsl -> dsl.execute("""
                INSERT INTO pgmatch.sleeping_matchers (matcher, asleep_until)
                VALUES (?, now() + ?::bigint * interval '1 second')
                ON CONFLICT (matcher) DO UPDATE SET asleep_until = excluded.asleep_until
                """, matcher, VALID.toSeconds()));
    }

    /** Strikes a matcher off the list. */
    public static void wake(Database database, String matcher) {
        database.run(dsl -> dsl.deleteFrom(SLEEPING_MATCHERS)
                .where(SLEEPING_MATCHERS.MATCHER.eq(matcher))
                .execute());
    }
}
