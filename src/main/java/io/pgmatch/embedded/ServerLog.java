package io.pgmatch.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The output of initdb, pg_ctl and the server of one start.
 *
 * @param file where it is written
 */
record ServerLog(Path file) {
    private static final Pattern REASON = Pattern.compile("(?:FATAL|PANIC|initdb: error|postgres: error):\\s+(.*)");
    private static final Pattern MORE = Pattern.compile("(?:DETAIL|HINT|initdb: hint):\\s+(.*)");
    private static final Pattern COMPLAINT = Pattern.compile("LOG:\\s+(could not .*)");

    /** Empties it, so that what it says later is about the start that follows. */
    void begin() throws IOException {
        Files.write(file, new byte[0]);
    }

    /** Whether pg_ctl has given up. */
    boolean saysStartFailed() {
        return lines().stream().anyMatch(line -> line.startsWith("pg_ctl: could not start server"));
    }

    /** Whether {@code text} occurs. */
    boolean says(String text) {
        return lines().stream().anyMatch(line -> line.contains(text));
    }

    /** Why the start failed, in the server's words, on one line. */
    Optional<String> reason() {
        List<String> lines = lines();
        for (int i = 0; i < lines.size(); i++) {
            Matcher reason = REASON.matcher(lines.get(i));
            if (reason.find()) {
                StringBuilder text = new StringBuilder(reason.group(1));
                for (int next = i + 1;
                        next < lines.size() && MORE.matcher(lines.get(next)).find();
                        next++) {
                    Matcher more = MORE.matcher(lines.get(next));
                    text.append(more.find() ? " (" + more.group(1) + ")" : "");
                }
                return Optional.of(text.toString());
            }
        }
        return lines.stream()
                .map(COMPLAINT::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .findFirst();
    }

    private List<String> lines() {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList();
        } catch (IOException absent) {
            return List.of();
        }
    }
}
