package io.pgmatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.testing.JavaProcess;
import io.pgmatch.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A producer that dies loses at most what it had not acknowledged. */
final class ProducerKillTest {
    private static final int KILLS = 6;

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @TempDir
    Path directory;

    @Test
    void everyTaskThatAKilledProducerAcknowledgedIsThere() throws Exception {
        URI uri = URI.create(database.url());
        String jdbc = "jdbc:postgresql://127.0.0.1:" + uri.getPort() + uri.getPath() + "?user=postgres";
        Random random = new Random(11);
        List<String> acknowledged = new ArrayList<>();
        for (int i = 0; i < KILLS; i++) {
            Process producer =
                    JavaProcess.start(directory.resolve("log" + i), ProducerProcess.class, jdbc, "p" + i + "-");
            acknowledged.addAll(readAndKill(producer, 1 + random.nextInt(5_000)));
        }
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(KILLS).doesNotHaveDuplicates();
        Set<String> inserted = new HashSet<>(database.queryAll("SELECT id FROM pgmatch.tasks"));
        assertThat(inserted).containsAll(acknowledged);
        assertThat(database.count("SELECT count(*) - count(DISTINCT ref) FROM pgmatch.tasks"))
                .isZero();
    }

    /** Kills it after so many lines; returns all whole lines that it has written. */
    private static List<String> readAndKill(Process producer, int lines) throws IOException, InterruptedException {
        List<String> read = new ArrayList<>();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(producer.getInputStream(), StandardCharsets.US_ASCII))) {
            String last = null;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (last != null) {
                    read.add(last);
                }
                // The last one may be cut.
                last = line;
                if (read.size() == lines) {
                    // By its handle, which leaves what it has written to be read.
                    producer.toHandle().destroyForcibly();
                }
            }
        } finally {
            producer.destroyForcibly();
            assertThat(producer.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        return read;
    }
}
