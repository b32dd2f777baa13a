package io.pgmatch.cli;

import io.pgmatch.model.PgmatchException;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the lines of a file or of stdin, as UTF-8 and within bounds. */
final class InputLines {
    /** All of them are kept in memory, so that they can be put into the order of time. */
    private static final int LINES_MAX = 1_000_000;

    private InputLines() {}

    /**
     * The lines of a file, or of stdin if {@code name} is {@code -}.
     *
     * @throws PgmatchException if it cannot be read, is not UTF-8 or is too long; the message names it
     */
    static List<String> read(String name) {
        String shown = InputText.name(name);
        List<String> lines = new ArrayList<>();
        try (BufferedReader reader = open(name)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (lines.size() == LINES_MAX) {
                    throw new PgmatchException(shown + ": wanted at most " + LINES_MAX + " lines, got more");
                }
                lines.add(line);
            }
            return lines;
        } catch (CharacterCodingException e) {
            throw new PgmatchException(
                    shown + ", after line " + lines.size() + ": wanted text in UTF-8, got bytes that are not", e);
        } catch (NoSuchFileException e) {
            throw new PgmatchException(shown + ": cannot be read: there is no such file", e);
        } catch (IOException | InvalidPathException e) {
            throw new PgmatchException(shown + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static BufferedReader open(String name) throws IOException {
        return name.equals(InputText.STDIN)
                ? new BufferedReader(new InputStreamReader(
                        new FileInputStream(FileDescriptor.in), StandardCharsets.UTF_8.newDecoder()))
                : Files.newBufferedReader(Path.of(name), StandardCharsets.UTF_8);
    }
}
