package io.pgmatch.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The classes of the packaged jar as the JVM maps them into memory. A short command spends half of its
 * time on loading and checking classes, and tests start many.
 */
final class ClassArchive {
    private static final long WAIT_SECONDS = 60;
    private static final Optional<Path> FILE = make();

    private ClassArchive() {}

    /** Options of a JVM that runs the jar; none where the archive could not be made. */
    static List<String> javaOptions() {
        return FILE.map(file -> List.of("-XX:SharedArchiveFile=" + file, "-Xlog:disable", "-Xlog:all=error:stderr"))
                .orElse(List.of());
    }

    /** Leaves the classes of a matcher behind, which are most of those of any command. */
    private static Optional<Path> make() {
        String jar = System.getProperty("pgmatch.jar");
        // Tests may run in several JVMs at once.
        Path file = Path.of(jar)
                .resolveSibling("pgmatch-tests-" + ProcessHandle.current().pid() + ".jsa");
        file.toFile().deleteOnExit();
        try {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:ArchiveClassesAtExit=" + file,
                            "-jar",
                            jar,
                            "run",
                            "--drain",
                            "--url",
                            TestDatabase.anyUrl())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            // Tests do without it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Files.exists(file) ? Optional.of(file) : Optional.empty();
    }
}
