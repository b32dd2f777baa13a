package io.pgmatch.bench;

import io.pgmatch.MatcherConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code oldsnapshot}: a drain while a session holds an old snapshot, so that no dead row goes. */
@Command(
        description = {
            "Drains a full pool in turns with and without a session that holds a snapshot from before: while it lives,"
                    + " PostgreSQL can forget no row that was deleted."
        })
public final class OldSnapshotScenario implements Scenario {
    private static final double OF_PLAIN_LEAST = 0.5;
    private static final int VALUES = 1_000;
    private static final int WORKERS_MAX = 16;
    private static final int WARM_UP_TASKS_MAX = 50_000;

    @Mixin
    private Tasks tasks = new Tasks();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Workers of the matcher; default: ${DEFAULT-VALUE}.",
            defaultValue = "1")
    private int workers;

    @Mixin
    private Rounds rounds = new Rounds();

    @Override
    public String name() {
        return "oldsnapshot";
    }

    @Override
    public void check() {
        rounds.check();
        tasks.check();
        Rounds.requireWithin("--workers", workers, 1, WORKERS_MAX);
    }

    @Override
    public Result run(Bench bench) throws InterruptedException {
        DrainWork work = new DrainWork(DrainRule.EQUAL, tasks.count(), VALUES, MatcherConfig.CLAIM_BATCH_DEFAULT);
        work.withTasks(Math.min(tasks.count(), WARM_UP_TASKS_MAX)).byWorkers(bench, workers);
        List<Double> plain = new ArrayList<>();
        List<Double> held = new ArrayList<>();
        for (int round = 0; round < rounds.count(); round++) {
            if (round % 2 == 0) {
                plain.add(work.byWorkers(bench, workers).pairsPerSecond());
                held.add(withSnapshot(bench, work));
            } else {
                held.add(withSnapshot(bench, work));
                plain.add(work.byWorkers(bench, workers).pairsPerSecond());
            }
        }
        List<Double> ratio = IntStream.range(0, rounds.count())
                .mapToObj(i -> held.get(i) / plain.get(i))
                .toList();
        return new Result(
                List.of(
                        Figure.of("with an old snapshot", "of the drain without", ratio)
                                .mustReach(Target.atLeast(OF_PLAIN_LEAST)),
                        Figure.of("with an old snapshot", "pairs/s", held),
                        Figure.of("without", "pairs/s", plain)),
                List.of(
                        "The snapshot is that of a REPEATABLE READ transaction, taken when the tasks had been inserted"
                                + " and held until they were drained.",
                        DrainWork.METHOD));
    }

    private double withSnapshot(Bench bench, DrainWork work) throws InterruptedException {
        return work.drain(bench, drain -> {
                    try (Connection holder = bench.dataSource().getConnection()) {
                        holder.setAutoCommit(false);
                        holder.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                        Sql.execute(holder, "SELECT count(*) FROM pgmatch.pools");
                        try {
                            return drain.byWorkers(workers, work.batch());
                        } finally {
                            // Still the same snapshot: it was held throughout.
                            Sql.execute(holder, "SELECT count(*) FROM pgmatch.pools");
                            holder.rollback();
                            holder.setAutoCommit(true);
                        }
                    } catch (SQLException e) {
                        throw Sql.failed(e);
                    }
                })
                .pairsPerSecond();
    }
}
