package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.cli.Column.Json;
import io.pgmatch.model.Pool;
import java.util.List;

/** Pools as they are listed. */
final class PoolListing {
    static final Listing<Pool> POOLS = new Listing<>(List.of(
            Column.of("name", Pool::name),
            Column.of("paused", Pool::paused),
            Column.of("rule_version", Pool::ruleVersion),
            Column.of("created_at", Pool::createdAt),
            Column.of("rule", pool -> new Json(pool.rule()))));

    /** Everything, for one pool. */
    static final Listing<Pool> POOL = new Listing<>(List.of(
            Column.of("name", Pool::name),
            Column.of("paused", Pool::paused),
            Column.of("rule_version", Pool::ruleVersion),
            Column.of("created_at", Pool::createdAt),
            Column.of("deriving", Pool::deriving),
            Column.of("rule", pool -> new Json(pool.rule())),
            Column.forPrograms(
                    "narrowed",
                    pool -> PlanListing.json(Pgmatch.searchPlan(pool.rule()).narrowed())),
            Column.forPrograms(
                    "not_narrowed",
                    pool -> PlanListing.json(Pgmatch.searchPlan(pool.rule()).paged()))));

    private PoolListing() {}
}
