package io.pgmatch.cli;

import io.pgmatch.model.PgmatchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The matchers of the demo: each a process of its own, with a log file. Used by one thread. */
final class DemoMatchers implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<Process> processes = new ArrayList<>();
    private final Path logs;
    private boolean left;

    /** Starts so many matchers on the database. */
    DemoMatchers(String url, String pool, int count, int batch, Path logs) {
        this.logs = logs;
        for (int i = 1; i <= count; i++) {
            processes.add(start(url, pool, batch, log(i)));
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::killUnlessLeft, "pgmatch-demo-end"));
    }

    int count() {
        return processes.size();
    }

    long processId(int index) {
        return processes.get(index).pid();
    }

    boolean isAlive(int index) {
        return processes.get(index).isAlive();
    }

    /** Ends a matcher by SIGKILL, and waits until it is gone. */
    void kill(int index) throws InterruptedException {
        Process process = processes.get(index);
        process.destroyForcibly();
        process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Ends those that live by SIGTERM; an error if one then fails or does not end. */
    void stop() throws InterruptedException {
        List<Process> alive = processes.stream().filter(Process::isAlive).toList();
        alive.forEach(Process::destroy);
        for (Process process : alive) {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new PgmatchException("matcher, process " + process.pid()
                        + ": wanted it to end on SIGTERM with exit code 0, got "
                        + (process.isAlive() ? "no end" : "exit code " + process.exitValue()) + "; its log: " + logs);
            }
        }
    }

    /** The matcher with that index died by itself: what its log says last. */
    String lastWords(int index) {
        try {
            List<String> lines = Files.readAllLines(log(index + 1));
            return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
        } catch (IOException e) {
            return "its log cannot be read: " + e.getMessage();
        }
    }

    /** Lets them go on when this process ends. */
    void leave() {
        left = true;
    }

    /** Ends whatever still runs, at once. */
    @Override
    public void close() {
        killUnlessLeft();
    }

    private void killUnlessLeft() {
        if (!left) {
            processes.forEach(Process::destroyForcibly);
        }
    }

    private Path log(int number) {
        return logs.resolve("matcher-" + number + ".log");
    }

    private static Process start(String url, String pool, int batch, Path log) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // Three start at a time on what may be two cores.
        command.add("-XX:+UseSerialGC");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Main.class.getName());
        command.addAll(List.of("run", "--url", url, "--pools", pool, "--batch", Integer.toString(batch)));
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new PgmatchException("a matcher cannot be started: " + e.getMessage(), e);
        }
    }
}
