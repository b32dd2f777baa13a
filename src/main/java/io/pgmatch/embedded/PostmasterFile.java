package io.pgmatch.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;

/**
 * What {@code postmaster.pid} says of the server on a data directory. The file alone proves
 * nothing: it outlives a killed server, and its process id may meanwhile belong to another program.
 *
 * @param data the directory that holds the file
 * @param pid the process id of the postmaster
 * @param port the port it listens on; 0 while it has not said so
 */
record PostmasterFile(Path data, long pid, int port) {
    private static final String NAME = "postmaster.pid";
    private static final int PORT_LINE = 3;
    private static final int ANSWER_SECONDS = 2;

    /** The file of that directory; empty where there is none that can be read. */
    static Optional<PostmasterFile> read(Path data) {
        try {
            List<String> lines = Files.readAllLines(data.resolve(NAME), StandardCharsets.ISO_8859_1);
            long pid = lines.isEmpty() ? 0 : Long.parseLong(lines.get(0).strip());
            int port = lines.size() > PORT_LINE
                    ? Integer.parseInt(lines.get(PORT_LINE).strip())
                    : 0;
            return pid > 0 ? Optional.of(new PostmasterFile(data, pid, port)) : Optional.empty();
        } catch (IOException | NumberFormatException absentOrHalfWritten) {
            return Optional.empty();
        }
    }

    /** Removes the file of a server that is gone; Postgres itself may refuse to. */
    static void delete(Path data) throws IOException {
        Files.deleteIfExists(data.resolve(NAME));
    }

    /** Whether the process runs, and is a Postgres on this data directory as far as one can see. */
    boolean isLive() {
        Optional<ProcessHandle> process = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
        return process.isPresent()
                && !isZombie()
                && looksLikePostmaster(process.get().info());
    }

    /** Whether the port answers, for {@code database}, from this very data directory. */
    boolean answers(String database) {
        if (port == 0) {
            return false;
        }
        var source = BundledPostgres.dataSource(port, database, ANSWER_SECONDS);
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT current_setting('data_directory')")) {
            return result.next() && isData(result.getString(1));
        } catch (SQLException notYetOrNotOurs) {
            return false;
        }
    }

    private boolean looksLikePostmaster(ProcessHandle.Info info) {
        String command = info.command()
                .map(path -> path.substring(path.lastIndexOf('/') + 1))
                .orElse("postgres");
        String[] arguments = info.arguments().orElse(new String[0]);
        if (!command.startsWith("postgres")) {
            return false;
        }
        for (int i = 0; i + 1 < arguments.length; i++) {
            if (arguments[i].equals("-D")) {
                return isData(arguments[i + 1]);
            }
        }
        return true;
    }

    private boolean isData(String directory) {
        try {
            return Files.isSameFile(data, Path.of(directory));
        } catch (IOException gone) {
            return false;
        }
    }

    /** A dead process that nobody has waited for, as in a container without an init, is not live. */
    private boolean isZombie() {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            return stat.startsWith(") Z", stat.lastIndexOf(')'));
        } catch (NoSuchFileException noProc) {
            return false;
        } catch (IOException goneMeanwhile) {
            return true;
        }
    }
}
