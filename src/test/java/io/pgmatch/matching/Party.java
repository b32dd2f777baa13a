package io.pgmatch.matching;

import io.pgmatch.store.Database;
import io.pgmatch.store.RoundSettings;
import io.pgmatch.store.Transaction;
import io.pgmatch.testing.Interceptor;
import io.pgmatch.testing.TestDatabase;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Somebody who runs rounds in one pool, on connections of his own that can be stopped. */
final class Party {
    final Interceptor interceptor;
    final Database intercepted;
    final Round round;

    private final String pool;
    private final ExecutorService threads;

    /** A party of that name, whose rounds have these bounds. */
    Party(TestDatabase database, String pool, String name, Round.Bounds bounds, ExecutorService threads) {
        this.interceptor = new Interceptor(database.dataSource());
        this.intercepted = new Database(interceptor.dataSource());
        this.round = new Round(name, bounds, RoundSettings.defaults(), new Rules(), threads);
        this.pool = pool;
        this.threads = threads;
    }

    /** Runs a round from the very start. */
    Round.Outcome run() {
        return run(new ClaimMark(new ClaimFront()));
    }

    Round.Outcome run(ClaimMark from) {
        try (Transaction transaction = intercepted.begin()) {
            return round.run(transaction, pool, from);
        }
    }

    /** The same in a thread of its own. */
    Future<Round.Outcome> start() {
        return start(new ClaimMark(new ClaimFront()));
    }

    Future<Round.Outcome> start(ClaimMark from) {
        return threads.submit(() -> run(from));
    }
}
