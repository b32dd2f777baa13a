package io.pgmatch.testing;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A pgmatch process: the packaged jar, as a user starts it. Its environment names no database. Closing
 * kills it if it still runs.
 *
 * <pre>{@code
 * try (PgmatchProcess run = PgmatchProcess.start("run", "--url", database.url())) {
 *     run.awaitErrorLine(line -> line.contains("matching in"), TEN_SECONDS);
 *     run.terminate();
 *     assertThat(run.awaitExit(TEN_SECONDS)).isZero();
 * }
 * }</pre>
 */
public final class PgmatchProcess implements AutoCloseable {
    private static final Duration SIGNAL_WAIT = Duration.ofSeconds(10);

    private final String command;
    private final Process process;
    private final Lines output;
    private final Lines errors;

    private PgmatchProcess(String command, Process process) {
        this.command = command;
        this.process = process;
        this.output = Lines.of(process.getInputStream(), "stdout of " + command);
        this.errors = Lines.of(process.getErrorStream(), "stderr of " + command);
    }

    /** Starts a command. */
    public static PgmatchProcess start(String... arguments) {
        return new Setup().start(arguments);
    }

    /** A process with a directory, variables or input of its own. */
    public static Setup setup() {
        return new Setup();
    }

    /** How a process is to be started. */
    public static final class Setup {
        private final Map<String, String> variables = new HashMap<>();
        private final List<String> javaOptions = new ArrayList<>();
        private Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        private byte[] input = {};
        private boolean inputOpen;

        private Setup() {}

        /** The working directory. */
        public Setup in(Path directory) {
            this.directory = directory;
            return this;
        }

        /** An environment variable. */
        public Setup with(String variable, String value) {
            variables.put(variable, value);
            return this;
        }

        /** An option of the JVM. */
        public Setup withJava(String option) {
            javaOptions.add(option);
            return this;
        }

        /** What it reads from stdin. */
        public Setup withInput(byte[] bytes) {
            this.input = bytes.clone();
            return this;
        }

        /** What it reads from stdin. */
        public Setup withInput(String text) {
            return withInput(text.getBytes(StandardCharsets.UTF_8));
        }

        /** Leaves its stdin open, to be written and closed by {@link PgmatchProcess#input}. */
        public Setup withOpenInput() {
            this.inputOpen = true;
            return this;
        }

        /** Starts a command. */
        public PgmatchProcess start(String... arguments) {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.add("-XX:+UseSerialGC");
            // Starts quickly rather than running quickly: these processes do not live long.
            command.add("-XX:TieredStopAtLevel=1");
            command.addAll(ClassArchive.javaOptions());
            command.addAll(javaOptions);
            command.add("-jar");
            command.add(System.getProperty("pgmatch.jar"));
            command.addAll(List.of(arguments));
            ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.equals("DATABASE_URL"));
            builder.environment().put("LC_ALL", "C.UTF-8");
            builder.environment().putAll(variables);
            try {
                Process process = builder.start();
                PgmatchProcess started = new PgmatchProcess("pgmatch " + String.join(" ", arguments), process);
                if (inputOpen) {
                    return started;
                }
                try (OutputStream stdin = process.getOutputStream()) {
                    stdin.write(input);
                } catch (IOException e) {
                    // It ended before it read everything.
                }
                return started;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot start " + command, e);
            }
        }
    }

    /** Its process id. */
    public long processId() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Its stdin, where that was left open. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    /** The lines of stdout so far; all of them once {@link #awaitExit} has returned. */
    public List<String> outputLines() {
        return output.read();
    }

    /** The lines of stderr so far; all of them once {@link #awaitExit} has returned. */
    public List<String> errorLines() {
        return errors.read();
    }

    /** Waits for a line of stdout that fits, one that has come already included; fails when it cannot come any more. */
    public String awaitLine(Predicate<String> fits, Duration deadline) {
        return output.await(fits, deadline);
    }

    /** The same for stderr. */
    public String awaitErrorLine(Predicate<String> fits, Duration deadline) {
        return errors.await(fits, deadline);
    }

    /** Waits until it has ended and all its output is read; returns its exit code. */
    public int awaitExit(Duration deadline) {
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(
                        command + " has not ended within " + deadline + "; it said: " + outputLines() + errorLines());
            }
            output.awaitEnd(deadline);
            errors.awaitEnd(deadline);
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + command, e);
        }
    }

    /** What a process has left behind. */
    public record Outcome(int exitCode, List<String> output, List<String> errors) {}

    /** Waits until it has ended; returns all it said. */
    public Outcome awaitOutcome(Duration deadline) {
        int exitCode = awaitExit(deadline);
        return new Outcome(exitCode, outputLines(), errorLines());
    }

    /** Sends SIGTERM. */
    public void terminate() {
        signal("TERM");
    }

    /** Sends SIGINT, as Ctrl-C does. */
    public void interrupt() {
        signal("INT");
    }

    /** Sends SIGKILL. */
    public void kill() {
        signal("KILL");
    }

    /** Sends SIGSTOP: it stands still, and keeps what it holds. */
    public void stop() {
        signal("STOP");
    }

    /** Sends SIGCONT: it goes on. */
    public void resume() {
        signal("CONT");
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            process.destroyForcibly();
        }
        try {
            process.waitFor(SIGNAL_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return command + " (process " + process.pid() + ")";
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .start();
            if (!kill.waitFor(SIGNAL_WAIT.toMillis(), TimeUnit.MILLISECONDS) || kill.exitValue() != 0) {
                throw new AssertionError("kill -" + name + " does not reach " + this);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while sending " + name, e);
        }
    }

    /** Lines that a thread reads as they come. */
    private static final class Lines {
        private final String name;

        @GuardedBy("this")
        private final List<String> lines = new ArrayList<>();

        @GuardedBy("this")
        private boolean ended;

        private Lines(String name) {
            this.name = name;
        }

        static Lines of(InputStream stream, String name) {
            Lines lines = new Lines(name);
            Thread thread = new Thread(() -> lines.readAll(stream), name);
            thread.setDaemon(true);
            thread.start();
            return lines;
        }

        synchronized List<String> read() {
            return List.copyOf(lines);
        }

        synchronized String await(Predicate<String> fits, Duration patience) {
            long deadline = System.nanoTime() + patience.toNanos();
            for (int next = 0; ; ) {
                while (next < lines.size()) {
                    String line = lines.get(next++);
                    if (fits.test(line)) {
                        return line;
                    }
                }
                if (ended || !pause(deadline)) {
                    throw new AssertionError(
                            name + (ended ? " ended" : " went on for " + patience) + " without that line: " + lines);
                }
            }
        }

        synchronized void awaitEnd(Duration patience) {
            long deadline = System.nanoTime() + patience.toNanos();
            while (!ended) {
                if (!pause(deadline)) {
                    throw new AssertionError(name + " is still open after " + patience);
                }
            }
        }

        /** Waits for news; false when the time is up. */
        @GuardedBy("this")
        private boolean pause(long deadline) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            try {
                wait(left);
                return true;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for " + name, e);
            }
        }

        private void readAll(InputStream stream) {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    add(line);
                }
            } catch (IOException e) {
                // The process was killed while we read.
            } finally {
                end();
            }
        }

        private synchronized void add(String line) {
            lines.add(line);
            notifyAll();
        }

        private synchronized void end() {
            ended = true;
            notifyAll();
        }
    }
}
