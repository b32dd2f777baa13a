package io.pgmatch.bench.peers;

import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.bench.Bench;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads with a connection each, which start together; the first that fails ends all. */
final class Crew {
    /** A peer that takes longer than this hangs. */
    static final Duration PATIENCE = Duration.ofMinutes(30);

    private static final Duration END_WAIT = Duration.ofSeconds(10);

    /** What a member does; returns when nothing is left to do. */
    interface Work {
        void run(int member, Connection connection) throws Exception;
    }

    private Crew() {}

    /** Runs the work in so many threads; returns how many seconds that took, connecting not counted. */
    static double run(Bench bench, int members, Work work) throws Exception {
        List<Connection> connections = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(members);
        try (HikariDataSource source = bench.open(members)) {
            List<Callable<Void>> calls = new ArrayList<>();
            for (int i = 0; i < members; i++) {
                int member = i;
                Connection connection = source.getConnection();
                connections.add(connection);
                calls.add(() -> {
                    work.run(member, connection);
                    return null;
                });
            }
            ExecutorCompletionService<Void> running = new ExecutorCompletionService<>(threads);
            long start = System.nanoTime();
            calls.forEach(running::submit);
            try {
                await(running, members, start + PATIENCE.toNanos());
                return (System.nanoTime() - start) / 1e9;
            } catch (Exception e) {
                for (Connection connection : connections) {
                    // Those still at work meet an error.
                    connection.abort(Runnable::run);
                }
                throw e;
            } finally {
                for (Connection connection : connections) {
                    connection.close();
                }
            }
        } finally {
            threads.shutdownNow();
            threads.awaitTermination(END_WAIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static void await(ExecutorCompletionService<Void> running, int members, long deadline) throws Exception {
        for (int i = 0; i < members; i++) {
            Future<Void> ended = running.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (ended == null) {
                throw new TimeoutException("not done after " + PATIENCE);
            }
            try {
                ended.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }
    }
}
