package io.pgmatch.matching;

import io.pgmatch.model.TaskNeeds;
import io.pgmatch.store.ClaimTasks;
import io.pgmatch.store.ClaimTasks.Claim;
import io.pgmatch.store.Transaction;
import io.pgmatch.store.Transaction.Started;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executor;

/** The claims of a round as they are started. Used by the round's thread only. */
final class ClaimStatements implements Claims.Statements {
    private final Transaction transaction;
    private final String pool;
    private final Instant now;
    private final int version;
    private final TaskNeeds needs;
    private final boolean optimistic;

    /**
     * The statements of one round.
     *
     * @param optimistic whether what is claimed in blocks is not locked
     */
    ClaimStatements(Terms terms, boolean optimistic) {
        this.transaction = terms.transaction();
        this.pool = terms.pool();
        this.now = terms.now();
        this.version = terms.version();
        this.needs = terms.rule().needs();
        this.optimistic = optimistic;
    }

    @Override
    public Started<Claim> due(long freshId, int limit, Executor executor) {
        return transaction.start(
                executor, () -> ClaimTasks.run(transaction, pool, now, freshId, limit, version, needs));
    }

    @Override
    public Started<Claim> inBlocks(long freshId, int limit, Executor executor) {
        return transaction.start(
                executor,
                () -> ClaimTasks.inBlocks(transaction, pool, now, freshId, limit, !optimistic, version, needs));
    }

    @Override
    public Started<Claim> left(List<Long> ids, Executor executor) {
        return transaction.start(executor, () -> ClaimTasks.left(transaction, pool, now, ids, version, needs));
    }
}
