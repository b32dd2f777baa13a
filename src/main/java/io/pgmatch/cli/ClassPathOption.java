package io.pgmatch.cli;

import io.pgmatch.model.PgmatchException;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option of commands that judge by rules, which may name conditions written in Java. */
final class ClassPathOption {
    @Option(
            names = "--classpath",
            paramLabel = "JARS",
            description = "Jars and directories with the classes that rules name as"
                    + " {\"java\": \"com.acme.MyCondition\"}, separated as in java -cp.")
    private @Nullable String classPath;

    /** Finds those classes; null if none are named. It stays open as long as the process runs. */
    @Nullable
    ClassLoader loader() {
        if (classPath == null) {
            return null;
        }
        List<URL> places = new ArrayList<>();
        for (String place : classPath.split(File.pathSeparator)) {
            if (!place.isEmpty()) {
                places.add(location(place));
            }
        }
        return new URLClassLoader(places.toArray(URL[]::new), ClassPathOption.class.getClassLoader());
    }

    private static URL location(String place) {
        try {
            Path path = Path.of(place);
            if (!Files.isReadable(path)) {
                throw new PgmatchException("--classpath: wanted jars and directories, got " + place
                        + ", which is not there or cannot be read");
            }
            return path.toUri().toURL();
        } catch (InvalidPathException | MalformedURLException e) {
            throw new PgmatchException("--classpath: wanted jars and directories, got " + place, e);
        }
    }
}
