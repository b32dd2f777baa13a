package io.pgmatch.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was measured on.
 *
 * @param facts name and value of each fact: cores, memory, versions, settings of the server
 */
public record Machine(Map<String, String> facts) {
    private static final long GIGABYTE = 1 << 30;

    /** The settings of the server that figures depend on. */
    private static final List<String> SETTINGS = List.of(
            "shared_buffers",
            "max_wal_size",
            "autovacuum_naptime",
            "synchronous_commit",
            "fsync",
            "full_page_writes",
            "track_commit_timestamp",
            "wal_compression",
            "checkpoint_timeout");

    /** Keeps the order. */
    public Machine {
        facts = new LinkedHashMap<>(facts);
    }

    /** This machine, and the server of the workbench. */
    public static Machine of(Bench bench) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("memory", BenchServer.memoryBytes() / GIGABYTE + " GiB");
        facts.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch"));
        facts.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        facts.put("server", bench.hasOwnServer() ? "bundled, on this machine" : "named by --url");
        facts.put("postgresql", bench.sql().text("SHOW server_version"));
        if (bench.hasOwnServer()) {
            facts.put("file system of the data", fileSystem());
        }
        for (String setting : SETTINGS) {
            facts.put(setting, bench.sql().text("SELECT current_setting(?, true)", setting));
        }
        facts.put("load average at the start", loadAverage());
        return new Machine(facts);
    }

    /** How many processes want a core, on average over the last minute. */
    public static String loadAverage() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return load < 0 ? "unknown" : Figure.shown(load);
    }

    private static String fileSystem() {
        try {
            return Files.getFileStore(Path.of(System.getProperty("java.io.tmpdir")))
                    .type();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
