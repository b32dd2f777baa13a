package io.pgmatch.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.pgmatch.model.PgmatchException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts what became of the lines of a file, and tells of those that were refused. Thread-safe. */
final class AddTally implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Console console;
    private final @Nullable BufferedWriter refusedFile;

    @GuardedBy("this")
    private Counts counts = new Counts(0, 0, 0, 0);

    @GuardedBy("this")
    private @Nullable String failure;

    /**
     * What became of the lines.
     *
     * @param inserted inserted now
     * @param earlier inserted when the same file was sent before
     * @param refused refused now
     * @param refusedEarlier refused when the same file was sent before
     */
    record Counts(long inserted, long earlier, long refused, long refusedEarlier) {
        long lines() {
            return inserted + earlier + refused + refusedEarlier;
        }
    }

    AddTally(Console console, @Nullable Path refused) {
        this.console = console;
        try {
            this.refusedFile = refused == null ? null : Files.newBufferedWriter(refused, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new PgmatchException("--refused " + refused + ": cannot be written: " + e.getMessage(), e);
        }
    }

    synchronized void inserted(int lines) {
        counts = new Counts(counts.inserted() + lines, counts.earlier(), counts.refused(), counts.refusedEarlier());
    }

    synchronized void earlier(int lines, int refusedLines) {
        counts = new Counts(
                counts.inserted(), counts.earlier() + lines, counts.refused(), counts.refusedEarlier() + refusedLines);
    }

    /** A line was refused. Its text is kept only where it will be written. */
    synchronized void refused(long line, String text, String reason) {
        counts = new Counts(counts.inserted(), counts.earlier(), counts.refused() + 1, counts.refusedEarlier());
        console.note("line " + line + ": " + reason);
        if (refusedFile != null) {
            Map<String, Object> record = new LinkedHashMap<>();
            record.put("line", line);
            record.put("reason", reason);
            record.put("text", text);
            try {
                refusedFile.write(MAPPER.writeValueAsString(record));
                refusedFile.newLine();
            } catch (IOException e) {
                failed("--refused: cannot be written: " + e.getMessage());
            }
        }
    }

    /** Something that ends the work; the first one counts. */
    synchronized void failed(String message) {
        if (failure == null) {
            failure = message;
        }
    }

    synchronized @Nullable String failure() {
        return failure;
    }

    synchronized Counts counts() {
        return counts;
    }

    boolean keepsText() {
        return refusedFile != null;
    }

    @Override
    public void close() {
        if (refusedFile != null) {
            try {
                refusedFile.close();
            } catch (IOException e) {
                failed("--refused: cannot be written: " + e.getMessage());
            }
        }
    }
}
