package io.pgmatch.bench;

import com.sun.management.OperatingSystemMXBean;
import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.embedded.BundledPostgresOptions;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The throwaway server that is measured unless another one is named: the bundled one, tuned as
 * docs/operations.md advises, on a temporary directory. {@code fsync} and {@code synchronous_commit} are on.
 */
public final class BenchServer {
    private static final long MEGABYTE = 1 << 20;
    private static final long SHARED_BUFFERS_MAX_MEGABYTES = 8_192;

    private BenchServer() {}

    /** Starts it. */
    public static BundledPostgres start() {
        BundledPostgresOptions options = BundledPostgresOptions.temporary();
        for (Map.Entry<String, String> setting : settings().entrySet()) {
            options = options.withSetting(setting.getKey(), setting.getValue());
        }
        return BundledPostgres.start(options);
    }

    /** How it is tuned; everything else is left as PostgreSQL comes. */
    static Map<String, String> settings() {
        long quarterMegabytes = memoryBytes() / 4 / MEGABYTE;
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("shared_buffers", Math.min(quarterMegabytes, SHARED_BUFFERS_MAX_MEGABYTES) + "MB");
        settings.put("max_wal_size", "8GB");
        settings.put("autovacuum_naptime", "10s");
        settings.put("track_commit_timestamp", "on");
        settings.put("synchronous_commit", "on");
        settings.put("tcp_keepalives_idle", "60");
        settings.put("tcp_user_timeout", "30s");
        settings.put("max_connections", "100");
        return settings;
    }

    /** The memory of this machine. */
    static long memoryBytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }
}
