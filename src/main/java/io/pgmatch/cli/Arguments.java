package io.pgmatch.cli;

import io.pgmatch.model.PgmatchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The arguments as the shell gave them, in UTF-8.
 *
 * <p>Java decodes them by the locale: under LANG=C, the rule in containers, it makes a question mark of
 * every letter beyond ASCII, and of bytes that are no text a replacement character, both without a word.
 * Where the system tells them (Linux), the bytes themselves are read.
 */
final class Arguments {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final char REPLACEMENT = '\uFFFD';

    private Arguments() {}

    /**
     * The arguments that Java decoded as {@code decoded}.
     *
     * @throws PgmatchException if one of them is not UTF-8
     */
    static List<String> read(String[] decoded) {
        List<String> arguments = List.of(decoded);
        boolean doubtful = !"UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding", ""))
                || arguments.stream().anyMatch(argument -> argument.indexOf(REPLACEMENT) >= 0);
        if (!doubtful || !Files.isReadable(COMMAND_LINE)) {
            return arguments;
        }
        try {
            return last(Files.readAllBytes(COMMAND_LINE), decoded.length);
        } catch (IOException e) {
            return arguments;
        }
    }

    /** The last arguments of a command line, each of which ends with a zero byte. */
    static List<String> last(byte[] commandLine, int count) {
        List<String> arguments = new ArrayList<>();
        int end = commandLine.length - 1;
        while (arguments.size() < count && end > 0) {
            int start = end;
            while (start > 0 && commandLine[start - 1] != 0) {
                start--;
            }
            arguments.add(0, decode(ByteBuffer.wrap(commandLine, start, end - start)));
            end = start - 1;
        }
        return arguments;
    }

    private static String decode(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new PgmatchException("arguments: wanted text in UTF-8, got bytes that are not", e);
        }
    }
}
