package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.Pgmatch;
import io.pgmatch.testing.PgmatchProcess;
import io.pgmatch.testing.PgmatchProcess.Outcome;
import io.pgmatch.testing.TestDatabase;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Lines that are made as they go, streamed through {@code pgmatch add --file -} in a heap of 64 MB. As many as the
 * system property {@code pgmatch.stream.tasks} says: ten million are asked of it now and then.
 */
class AddStreamIT {
    private static final int TASKS = Integer.getInteger("pgmatch.stream.tasks", 100_000);
    private static final int LOOKS = 10;
    private static final long MEGABYTE = 1 << 20;
    /** The tasks in hand at the time of a look differ by a few megabytes. */
    private static final long GROWTH_MAX_BYTES = 16 * MEGABYTE;

    private static final Duration WAIT = Duration.ofMinutes(5);
    private static final String RULE = """
            {"attributes": {"n": {"type": "number"}, "mode": {"type": "text"}}, "match": [{"equal": "mode"}]}
            """;
    private static final String OUT_OF_ORDER = """
            SELECT count(*) FROM (
                SELECT (attributes ->> 'n')::bigint AS n,
                       lag((attributes ->> 'n')::bigint, 1, -1::bigint) OVER (ORDER BY id) AS before
                FROM pgmatch.tasks WHERE pool = 'stream') AS t
            WHERE n <> before + 1
            """;

    @RegisterExtension
    final TestDatabase database = new TestDatabase();

    @Test
    void aStreamOfAnyLengthGoesInInOrderInAHeapThatDoesNotGrow() throws Exception {
        Pgmatch.on(database.dataSource()).createPool("stream", RULE);
        List<Long> used = new ArrayList<>();
        try (PgmatchProcess add = PgmatchProcess.setup()
                .withJava("-Xmx64m")
                .withJava("-XX:+ExitOnOutOfMemoryError")
                .withOpenInput()
                .start("add", "--pool", "stream", "--url", database.url(), "--file", "-")) {
            try (Writer input = new BufferedWriter(new OutputStreamWriter(add.input(), StandardCharsets.UTF_8))) {
                for (int i = 0; i < TASKS; i++) {
                    input.write("{\"n\": " + i + ", \"mode\": \"mode-" + i % 1_000 + "\", \"rated\": true}\n");
                    if ((i + 1) % (TASKS / LOOKS) == 0) {
                        input.flush();
                        used.add(bytesInUse(add.processId()));
                        System.out.printf(
                                "%,d lines: %.1f MB in use after a collection, %s resident%n",
                                i + 1, (double) used.get(used.size() - 1) / MEGABYTE, resident(add.processId()));
                    }
                }
            }
            Outcome outcome = add.awaitOutcome(WAIT);
            System.out.println(outcome.output());
            assertThat(outcome.errors()).isEmpty();
            assertThat(outcome.exitCode()).isZero();
            assertThat(outcome.output()).singleElement().asString().startsWith(TASKS + " tasks inserted, 0 refused; ");
        }

        assertThat(used.subList(1, used.size()))
                .allSatisfy(bytes -> assertThat(bytes).isLessThan(used.get(0) + GROWTH_MAX_BYTES));
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks WHERE pool = 'stream'"))
                .isEqualTo(TASKS);
        assertThat(database.count(OUT_OF_ORDER)).isZero();
    }

    /** What a full collection leaves: the histogram counts live objects only, having collected the others. */
    private static long bytesInUse(long processId) throws IOException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(processId),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String histogram = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String total = histogram.strip().lines().reduce((line, next) -> next).orElse("");
        assertThat(total).as(histogram).startsWith("Total");
        return Long.parseLong(total.split(" +")[2]);
    }

    private static String resident(long processId) throws IOException {
        Path status = Path.of("/proc/" + processId + "/status");
        if (!Files.exists(status)) {
            return "?";
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .map(line -> line.substring("VmRSS:".length()).strip())
                    .findFirst()
                    .orElse("?");
        }
    }
}
