package io.pgmatch.cli;

import io.pgmatch.model.PgmatchException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a file or stdin that a command was told to read, as UTF-8 and within bounds. */
final class InputText {
    /** The name that means stdin. */
    static final String STDIN = "-";

    /** More than any rule or task may have. */
    private static final int BYTES_MAX = 1 << 20;

    private InputText() {}

    /**
     * The text of a file, or of stdin if {@code name} is {@code -}.
     *
     * @throws PgmatchException if it cannot be read, is not UTF-8 or is too large; the message names it
     */
    static String read(String name) {
        String shown = name(name);
        try (InputStream input = open(name)) {
            byte[] bytes = input.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new PgmatchException(shown + ": wanted at most 64 KiB, got more than 1 MiB");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new PgmatchException(shown + ": wanted text in UTF-8, got bytes that are not", e);
        } catch (IOException | InvalidPathException e) {
            throw new PgmatchException(shown + ": cannot be read: " + reason(name, e), e);
        }
    }

    /** What messages call it. */
    static String name(String name) {
        return name.equals(STDIN) ? "standard input" : name;
    }

    private static InputStream open(String name) throws IOException {
        return name.equals(STDIN) ? System.in : Files.newInputStream(Path.of(name));
    }

    private static String reason(String name, Exception e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof IOException && !name.equals(STDIN) && Files.isDirectory(Path.of(name))) {
            return "it is a directory";
        }
        return String.valueOf(e.getMessage());
    }
}
