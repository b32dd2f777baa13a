package io.pgmatch.matching;

import io.pgmatch.store.BacklogPermits;
import io.pgmatch.store.ClaimTasks;
import io.pgmatch.store.ClaimTasks.Claim;
import io.pgmatch.store.Transaction.Started;
import java.util.List;
import java.util.concurrent.Executor;

/** The claims of a round as they are started. Used by the round's thread only. */
final class ClaimStatements implements Claims.Statements {
    private final Terms terms;
    private final ClaimTasks tasks;
    private final int permits;

    /**
     * The statements of one round.
     *
     * @param permits how many rounds may claim in blocks at once
     */
    ClaimStatements(Terms terms, int permits) {
        this.terms = terms;
        this.tasks = new ClaimTasks(
                terms.transaction(),
                terms.pool(),
                terms.now(),
                terms.version(),
                terms.rule().needs());
        this.permits = permits;
    }

    @Override
    public boolean takePermit() {
        return BacklogPermits.take(terms.transaction(), terms.pool(), permits);
    }

    @Override
    public Started<Claim> due(long freshId, int limit, Executor executor) {
        return tasks.due(freshId, limit, executor);
    }

    @Override
    public Started<Claim> inBlocks(long freshId, int limit, Executor executor) {
        return tasks.inBlocks(freshId, limit, !terms.isOptimistic(), executor);
    }

    @Override
    public Started<Claim> left(List<Long> ids, Executor executor) {
        return tasks.left(ids, executor);
    }
}
