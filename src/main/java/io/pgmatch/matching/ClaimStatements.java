package io.pgmatch.matching;

import io.pgmatch.model.TaskNeeds;
import io.pgmatch.store.ClaimTasks;
import io.pgmatch.store.ClaimTasks.Claim;
import io.pgmatch.store.Claimants;
import io.pgmatch.store.Transaction;
import io.pgmatch.store.Transaction.Started;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;

/** The claims of a round as they are started. Used by the round's thread only. */
final class ClaimStatements implements Claims.Statements {
    /** Claims of fewer tasks do not ask who else claims: to walk over what those hold costs less. */
    private static final int ASKING_MIN = 100;

    private final Transaction transaction;
    private final Terms terms;
    private final TaskNeeds needs;
    private final ClaimFront front;
    private boolean asking;

    /** Tells this round from others that claim in the same pool. */
    private final int number = ThreadLocalRandom.current().nextInt();

    /**
     * The statements of one round.
     *
     * @param front is told if others claim in the pool
     * @param asking whether to find that out, once
     */
    ClaimStatements(Terms terms, ClaimFront front, boolean asking) {
        this.transaction = terms.transaction();
        this.terms = terms;
        this.needs = terms.rule().needs();
        this.front = front;
        this.asking = asking;
    }

    @Override
    public Started<Claim> due(long freshId, int limit, Executor executor) {
        return start(ClaimTasks::run, freshId, limit, executor);
    }

    @Override
    public Started<Claim> inBlocks(long freshId, int limit, Executor executor) {
        return start(ClaimTasks::inBlocks, freshId, limit, executor);
    }

    @Override
    public Started<Claim> left(List<Long> ids, Executor executor) {
        return transaction.start(
                executor, () -> ClaimTasks.left(transaction, terms.pool(), terms.now(), ids, terms.version(), needs));
    }

    private Started<Claim> start(ClaimTasks.Kind kind, long freshId, int limit, Executor executor) {
        return transaction.start(executor, () -> {
            Claim claim = kind.run(transaction, terms.pool(), terms.now(), freshId, limit, terms.version(), needs);
            if (asking && limit >= ASKING_MIN && claim.isFull()) {
                asking = false;
                if (Claimants.announce(transaction, terms.pool(), number)) {
                    front.noteOthers();
                }
            }
            return claim;
        });
    }
}
