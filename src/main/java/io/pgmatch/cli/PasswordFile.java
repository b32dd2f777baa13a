package io.pgmatch.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * libpq's password file: lines of {@code host:port:database:user:password}, where * is any and a
 * backslash takes the special meaning from what follows. The driver has a reader of its own, which
 * knows no list of hosts.
 */
record PasswordFile(Path path) {
    private static final long BYTES_MAX = 1 << 20;

    /** The password of the first line that fits; empty if there is none. */
    Optional<String> find(String host, int port, String database, String user) {
        return text().lines()
                .filter(line -> !line.startsWith("#"))
                .flatMap(line -> password(line, host, Integer.toString(port), database, user).stream())
                .findFirst();
    }

    private static Optional<String> password(String line, String... wanted) {
        int position = 0;
        for (String field : wanted) {
            position = afterField(line, position, field);
            if (position < 0) {
                return Optional.empty();
            }
        }
        StringBuilder password = new StringBuilder();
        for (int i = position; i < line.length(); i++) {
            boolean escape = line.charAt(i) == '\\' && i + 1 < line.length();
            password.append(line.charAt(escape ? ++i : i));
        }
        return Optional.of(password.toString());
    }

    /** Where the field after this one begins, or -1 if this one is for something else. */
    private static int afterField(String line, int start, String wanted) {
        if (line.startsWith("*:", start)) {
            return start + 2;
        }
        int position = start;
        for (int i = 0; i < wanted.length(); i++) {
            if (position + 1 < line.length() && line.charAt(position) == '\\') {
                position++;
            }
            if (position >= line.length() || line.charAt(position) != wanted.charAt(i)) {
                return -1;
            }
            position++;
        }
        return line.startsWith(":", position) ? position + 1 : -1;
    }

    private String text() {
        try {
            return Files.isRegularFile(path) && Files.size(path) <= BYTES_MAX
                    ? new String(Files.readAllBytes(path), StandardCharsets.UTF_8)
                    : "";
        } catch (IOException unreadable) {
            return "";
        }
    }
}
