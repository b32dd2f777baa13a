package io.pgmatch.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.pgmatch.model.PgmatchException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Where a command's results and errors go, both in UTF-8. Unlike {@link System#out} it notices that
 * nobody reads any more. Results are written by one thread.
 */
final class Console {
    private static final String NAME = "pgmatch: ";

    /** To the start of the line, and away with what is in it. */
    private static final String CLEAR_LINE = "\r\033[K";

    private final BufferedWriter results;
    private final PrintStream errors;

    /** What the last line of the terminal shows; empty if nothing. */
    @GuardedBy("this")
    private String status = "";

    Console(OutputStream results, OutputStream errors) {
        this.results = new BufferedWriter(new OutputStreamWriter(results, StandardCharsets.UTF_8));
        this.errors = new PrintStream(errors, true, StandardCharsets.UTF_8);
    }

    /** The reader of our results has gone, as head does when it has seen enough: no error. */
    static final class ClosedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ClosedException(IOException cause) {
            super(cause);
        }
    }

    /** Writes a line of results. */
    void line(String text) {
        print(text + "\n");
    }

    /** Writes results as they are. */
    void print(String text) {
        try {
            results.write(text);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Hands over what was written so far. */
    void flush() {
        try {
            results.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Tells of an error: one line, whatever the message holds, with no password in it. */
    void error(String message) {
        note(NAME + message);
    }

    /** Tells something beside the results: one line. For any thread. */
    synchronized void note(String message) {
        String line = Words.oneLine(Words.withoutSecrets(message));
        if (status.isEmpty()) {
            errors.println(line);
        } else {
            errors.print(CLEAR_LINE + line + "\n" + status);
            errors.flush();
        }
    }

    /**
     * Shows something in the last line of the terminal on standard error, in place of what it showed
     * there; notes go above it. Nothing is shown once the text is empty. For any thread.
     */
    synchronized void status(String text) {
        if (!text.equals(status)) {
            errors.print(CLEAR_LINE + text);
            errors.flush();
            status = text;
        }
    }

    /** Shows where an error came from. */
    void trace(Throwable fault) {
        for (String line : Words.trace(fault)) {
            errors.println(Words.withoutSecrets(line));
        }
    }

    private static RuntimeException failed(IOException e) {
        String reason = Objects.requireNonNullElse(e.getMessage(), e.toString());
        return reason.contains("Broken pipe")
                ? new ClosedException(e)
                : new PgmatchException("standard output: cannot be written: " + reason, e);
    }
}
