package io.pgmatch.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * libpq's connection service file. The driver has a reader of its own, which refuses names that
 * only libpq has, {@code connect_timeout} for one, and logs the lines it dislikes, passwords
 * included.
 */
record ServiceFile(Path path) {
    private static final long BYTES_MAX = 1 << 20;

    /** What the file says of that service; empty if it does not have it or cannot be read. */
    Optional<ConnectionParameters> find(String service) {
        List<String> lines = lines();
        String section = "[" + service + "]";
        String origin = "service " + service + " in " + path;
        ConnectionParameters found = null;
        for (int number = 1; number <= lines.size(); number++) {
            String line = lines.get(number - 1).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("[")) {
                if (found != null) {
                    break;
                }
                found = line.equals(section) ? new ConnectionParameters() : null;
            } else if (found != null) {
                int equals = line.indexOf('=');
                String name = equals < 0 ? "" : line.substring(0, equals);
                if (name.isEmpty() || name.equals(ConnectionParameters.SERVICE)) {
                    throw new ConnectionUsageException(
                            "line " + number + " of " + path + " is no name=value that a service may have");
                }
                found.give(name, line.substring(equals + 1), origin);
            }
        }
        return Optional.ofNullable(found);
    }

    private List<String> lines() {
        try {
            return Files.isRegularFile(path) && Files.size(path) <= BYTES_MAX
                    ? new String(Files.readAllBytes(path), StandardCharsets.UTF_8)
                            .lines()
                            .toList()
                    : List.of();
        } catch (IOException unreadable) {
            return List.of();
        }
    }
}
