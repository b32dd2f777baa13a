package io.pgmatch.embedded;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link BundledPostgres} is to run.
 *
 * @param dataDirectory where the data is kept; null for a temporary directory, deleted at the end
 * @param port the port on the loopback interface; 0 for a free one
 * @param durable whether a commit survives a crash of the machine; a crash of the server alone
 *     loses no commit either way
 * @param settings server settings by name, on top of the bundled ones
 */
public record BundledPostgresOptions(
        @Nullable Path dataDirectory, int port, boolean durable, Map<String, String> settings) {
    private static final Pattern SETTING_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]*");
    private static final int PORT_MAX = 65_535;

    /** Checks the port and the names of the settings. */
    public BundledPostgresOptions {
        if (port < 0 || port > PORT_MAX) {
            throw new IllegalArgumentException("the port is 0 to " + PORT_MAX + ", not " + port);
        }
        for (String name : settings.keySet()) {
            if (!SETTING_NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("not the name of a server setting: " + name);
            }
        }
        settings = Map.copyOf(settings);
    }

    /** Data kept in {@code dataDirectory}, durable, on a free port. */
    public static BundledPostgresOptions kept(Path dataDirectory) {
        return new BundledPostgresOptions(dataDirectory, 0, true, Map.of());
    }

    /** Data deleted at the end; a server that otherwise works as hard as a real one. */
    public static BundledPostgresOptions temporary() {
        return new BundledPostgresOptions(null, 0, true, Map.of());
    }

    /**
     * Data deleted at the end, and never forced to disk: quick, for tests. {@code
     * synchronous_commit} stays on, so that even here a crash of the server loses no commit.
     */
    public static BundledPostgresOptions throwaway() {
        return new BundledPostgresOptions(null, 0, false, Map.of());
    }

    /** The same on another port; 0 for a free one. */
    public BundledPostgresOptions withPort(int otherPort) {
        return new BundledPostgresOptions(dataDirectory, otherPort, durable, settings);
    }

    /** The same with one server setting more, for example {@code max_connections}. */
    public BundledPostgresOptions withSetting(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(settings);
        more.put(name, value);
        return new BundledPostgresOptions(dataDirectory, port, durable, more);
    }

    /** All settings the server starts with; those asked for win over the bundled ones. */
    Map<String, String> serverSettings() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("listen_addresses", BundledPostgres.HOST);
        // No socket file: one door is enough, and a killed server leaves nothing in /tmp.
        all.put("unix_socket_directories", "");
        all.put("fsync", durable ? "on" : "off");
        all.put("full_page_writes", durable ? "on" : "off");
        all.put("synchronous_commit", "on");
        all.put("track_commit_timestamp", "on");
        // ServerLog reads the messages.
        all.put("lc_messages", "C");
        all.put("log_checkpoints", "off");
        all.putAll(settings);
        return all;
    }
}
