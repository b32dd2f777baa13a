package io.pgmatch.matching;

import io.pgmatch.MatcherConfig;
import io.pgmatch.store.Database;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Transaction;
import javax.sql.DataSource;

/** The rounds of a matcher one by one, without the loop around them: to time what a single one costs. */
public final class SingleRounds {
    private final Database database;
    private final Round round =
            new Round("bench", MatcherConfig.CLAIM_BATCH_DEFAULT, RoundSettings.defaults(), new Rules());

    /** Rounds on connections of that source. */
    public SingleRounds(DataSource source) {
        this.database = new Database(source);
    }

    /** Runs a round in a pool, and commits it; returns how many pairs it made. */
    public int run(String pool) {
        try (Transaction transaction = database.begin()) {
            return round.run(transaction, pool, new ClaimMark(new ClaimFront())).pairs();
        }
    }
}
