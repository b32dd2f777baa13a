package io.pgmatch.bench;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.pgmatch.cli.Main;
import io.pgmatch.model.PgmatchException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process of pgmatch, with the launcher's options and no URL in its arguments, where others could read a
 * password. What it says is kept. Closing kills it if it still runs.
 */
public final class MatcherProcess implements AutoCloseable {
    private static final Duration END_WAIT = Duration.ofSeconds(30);
    private static final Pattern PAIRS = Pattern.compile("pairs/s, (\\d+) in all");
    private static final Pattern MADE = Pattern.compile("(\\d+) pairs? made in");
    private static final Pattern CONTENDED = Pattern.compile("(\\d+) contended");

    private final Process process;
    private final Thread reader;
    private final Thread killer;

    @GuardedBy("this")
    private final List<String> lines = new ArrayList<>();

    private MatcherProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "bench-matcher-" + process.pid());
        this.killer = new Thread(process::destroyForcibly, "bench-matcher-end-" + process.pid());
        reader.setDaemon(true);
        reader.start();
        Runtime.getRuntime().addShutdownHook(killer);
    }

    static MatcherProcess start(Map<String, String> environment, List<String> javaOptions, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add("-XX:+UseSerialGC");
        command.addAll(javaOptions);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Main.class.getName());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.equals("DATABASE_URL"));
        builder.environment().putAll(environment);
        try {
            return new MatcherProcess(builder.start());
        } catch (IOException e) {
            throw new PgmatchException("bench: a matcher cannot be started: " + e.getMessage(), e);
        }
    }

    /** Its process id. */
    public long processId() {
        return process.pid();
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until a line contains that text. */
    public synchronized void awaitLine(String text, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (lines.stream().noneMatch(line -> line.contains(text))) {
            long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0 || !reader.isAlive()) {
                throw new PgmatchException("bench: wanted a matcher to say \"" + text + "\", it said: " + lines);
            }
            wait(Math.min(leftMillis, 100));
        }
    }

    /** Waits until it works, or would if there were work. */
    public void awaitReady() throws InterruptedException {
        awaitLine("matching in", END_WAIT);
    }

    /** How many pairs it has made, by its log: at most a second old. */
    public long pairsSoFar() {
        return lastNumber(PAIRS);
    }

    /** How many pairs it made; once it has ended. */
    public long pairs() {
        return lastNumber(MADE);
    }

    /** How many partners it could not take because others held them; once it has ended. */
    public long contended() {
        return lastNumber(CONTENDED);
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Waits until it has ended; an error if that takes longer, or if its exit code is not 0. */
    public void awaitEnd(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new PgmatchException("bench: a matcher has not ended within " + patience.toSeconds() + " s");
        }
        reader.join(END_WAIT.toMillis());
        if (process.exitValue() != 0) {
            throw new PgmatchException(
                    "bench: a matcher ended with exit code " + process.exitValue() + "; it said: " + said());
        }
    }

    /** Stops it in order; an error if it does not end well. */
    public void stop() throws InterruptedException {
        terminate();
        awaitEnd(END_WAIT);
    }

    /** Everything it said, errors included. */
    public synchronized List<String> said() {
        return List.copyOf(lines);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(END_WAIT.toMillis(), TimeUnit.MILLISECONDS);
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException shuttingDown) {
            // Then the hook has run, or will.
        }
    }

    private synchronized long lastNumber(Pattern pattern) {
        for (int i = lines.size() - 1; i >= 0; i--) {
            Matcher matcher = pattern.matcher(lines.get(i));
            if (matcher.find()) {
                return Long.parseLong(matcher.group(1));
            }
        }
        return 0;
    }

    private void read() {
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                keep(line);
            }
        } catch (IOException e) {
            // It was killed while we read.
        }
    }

    private synchronized void keep(String line) {
        lines.add(line);
        notifyAll();
    }
}
