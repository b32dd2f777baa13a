package io.pgmatch.embedded;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.pgmatch.model.PgmatchException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL of our own: the bundled binaries, on the loopback interface, for the demo, for {@code
 * pgmatch db} and for tests. Whoever may connect to the loopback interface is its superuser.
 *
 * <p>It has the database {@code pgmatch}, in which the names of the schema {@code pgmatch} need no
 * prefix. Methods may be called from any thread.
 */
public final class BundledPostgres implements AutoCloseable {
    /*
     * Implementation notes.
     *
     * The directory of the caller holds data/ (what Postgres calls the data directory), server.log
     * (the output of the last start and run), initialized (initdb went through) and lock. Whoever
     * starts a server holds the lock while it runs it, so that two never initialise at once. The
     * lock goes with its process and the server does not, hence the second look, at postmaster.pid.
     *
     * EmbeddedPostgres unpacks, initialises and starts; it is not asked to stop. Its close() takes
     * a server that has crashed for an error, and crashing is what some tests are about: we send
     * the signals ourselves. While it waits for a server it does not see that pg_ctl has long
     * failed, and it takes any server that answers on the port for its own: launch() watches the
     * log and afterwards asks the server for its data directory. Its lock file is removed
     * before each start; the lock on it would otherwise outlive a start that failed.
     */

    /** Where the data is kept unless somebody says otherwise: {@code .pgmatch} where we are. */
    public static final Path DEFAULT_DATA_DIRECTORY = Path.of(".pgmatch");

    /** The database that every bundled server has. */
    public static final String DATABASE = "pgmatch";

    static final String HOST = "127.0.0.1";

    private static final Logger LOG = LoggerFactory.getLogger(BundledPostgres.class);
    private static final String SUPERUSER = "postgres";
    private static final String SUPPORTED = "Linux (glibc) and macOS on x86-64 and ARM64";
    private static final Duration STARTUP_WAIT = Duration.ofSeconds(60);
    private static final Duration UNPACK_AND_INITIALISE_WAIT = Duration.ofSeconds(90);
    private static final Duration FAST_STOP_WAIT = Duration.ofSeconds(20);
    private static final Duration IMMEDIATE_STOP_WAIT = Duration.ofSeconds(7);
    private static final Duration KILL_WAIT = Duration.ofSeconds(3);
    private static final Duration ANSWER_WAIT = Duration.ofSeconds(5);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(300);
    private static final Duration POLL_PAUSE = Duration.ofMillis(10);
    private static final int LAUNCH_ATTEMPTS_MAX = 10;
    private static final int DELETE_ATTEMPTS_MAX = 5;
    private static final int CONNECT_SECONDS = 5;

    private enum State {
        NEW,
        RUNNING,
        CLOSED
    }

    private final BundledPostgresOptions options;
    private final Path directory;
    private final ServerLog log;
    private final Thread closer = new Thread(this::close, "bundled-postgres-close");

    @GuardedBy("this")
    private State state = State.NEW;

    @GuardedBy("this")
    private @Nullable FileChannel lock;

    /** Whether a server on our data would be ours; until then it is somebody else's to stop. */
    @GuardedBy("this")
    private boolean launched;

    private volatile int port;

    private BundledPostgres(BundledPostgresOptions options, Path directory) {
        this.options = options;
        this.directory = directory;
        this.log = new ServerLog(directory.resolve("server.log"));
    }

    /**
     * Starts a server and waits until it answers.
     *
     * @throws PgmatchException if it cannot: the platform has no binaries, the directory is in use
     *     or cannot be written, the port is taken, the data is of another major version
     */
    public static BundledPostgres start(BundledPostgresOptions options) {
        requireSupported(System.getProperty("os.name"), System.getProperty("os.arch"));
        BundledPostgres postgres = new BundledPostgres(options, createDirectory(options.dataDirectory()));
        postgres.start();
        return postgres;
    }

    /**
     * The URL of the server that runs on that data directory and answers; empty if there is none.
     */
    public static Optional<String> runningUrl(Path dataDirectory) {
        return PostmasterFile.read(data(dataDirectory.toAbsolutePath().normalize()))
                .filter(server -> server.isLive() && server.answers(DATABASE))
                .map(server -> url(server.port(), DATABASE));
    }

    /** {@code postgresql://postgres@127.0.0.1:PORT/pgmatch}; there is no password. */
    public String url() {
        return url(port, DATABASE);
    }

    /** The same for another database of this server. */
    public String url(String database) {
        return url(port, database);
    }

    /** The URL of the database {@code pgmatch} for JDBC. */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + HOST + ":" + port + "/" + DATABASE + "?user=" + SUPERUSER;
    }

    /** Connections to the database {@code pgmatch}, a new one each time. */
    public DataSource dataSource() {
        return dataSource(DATABASE);
    }

    /** Connections to another database of this server, a new one each time. */
    public DataSource dataSource(String database) {
        return dataSource(port, database, CONNECT_SECONDS);
    }

    /** The port on the loopback interface. */
    public int port() {
        return port;
    }

    /** The directory that holds data and log. */
    public Path dataDirectory() {
        return directory;
    }

    /** The process id of the postmaster; empty while the server is down. */
    public Optional<Long> processId() {
        return server().map(PostmasterFile::pid);
    }

    /** Makes an empty database with the search path of {@code pgmatch}, and gives its URL. */
    public String createDatabase(String name) {
        execute("CREATE DATABASE " + quoted(name));
        execute("ALTER DATABASE " + quoted(name) + " SET search_path = pgmatch, public");
        return url(name);
    }

    /** Drops a database if it exists, whoever is connected to it. */
    public void dropDatabase(String name) {
        execute("DROP DATABASE IF EXISTS " + quoted(name) + " WITH (FORCE)");
    }

    /**
     * Stops the server as a crash would, by PostgreSQL's immediate shutdown, and returns when it is
     * down. Its next start recovers.
     */
    public synchronized void stopImmediately() {
        requireRunning();
        server().ifPresent(BundledPostgres::stopAtOnce);
    }

    /** Starts the server again on the same data and port; if it still runs it is stopped first. */
    public synchronized void restart() {
        requireRunning();
        server().ifPresent(BundledPostgres::stopOrderly);
        launch(port);
    }

    /**
     * Lets go of the server without stopping it: it goes on when this process ends, and its data
     * stays, a temporary directory included. Calls of {@link #close} do nothing afterwards.
     */
    public synchronized void leaveRunning() {
        requireRunning();
        state = State.CLOSED;
        releaseLock();
        removeCloser();
    }

    /** Stops the server and deletes a temporary directory. Later calls do nothing. */
    @Override
    public synchronized void close() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        if (launched) {
            server().ifPresent(BundledPostgres::stopOrderly);
        }
        releaseLock();
        if (isTemporary()) {
            delete(directory);
        }
        removeCloser();
    }

    @Override
    public String toString() {
        return "BundledPostgres[" + url() + ", " + directory + "]";
    }

    /** Refuses a platform for which the build has no binaries. */
    static void requireSupported(String system, String architecture) {
        String name = system.toLowerCase(Locale.ROOT);
        boolean known = (name.startsWith("linux") || name.startsWith("mac"))
                && switch (architecture) {
                    case "amd64", "x86_64", "aarch64", "arm64" -> true;
                    default -> false;
                };
        if (!known) {
            throw new PgmatchException("there is no bundled PostgreSQL for " + system + " on " + architecture
                    + ", only for " + SUPPORTED + "; name a server of your own with --url");
        }
    }

    static DataSource dataSource(int port, String database, int timeoutSeconds) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {HOST});
        source.setPortNumbers(new int[] {port});
        source.setDatabaseName(database);
        source.setUser(SUPERUSER);
        source.setConnectTimeout(timeoutSeconds);
        source.setLoginTimeout(timeoutSeconds);
        return source;
    }

    private synchronized void start() {
        Runtime.getRuntime().addShutdownHook(closer);
        boolean complete = false;
        try {
            acquireLock();
            boolean fresh = prepareData();
            launched = true;
            try {
                launch(options.port());
                complete = true;
            } finally {
                if (fresh && !complete) {
                    delete(data(directory));
                }
            }
            complete = false;
            ensureDatabase();
            Files.write(initialized(), new byte[0]);
            state = State.RUNNING;
            complete = true;
        } catch (IOException e) {
            throw notWritable(directory, e);
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    /** Looks at what is there; true if there is no data yet. */
    private boolean prepareData() throws IOException {
        Path data = data(directory);
        Optional<PostmasterFile> other = server();
        if (other.isPresent()) {
            throw inUse(other.get());
        }
        if (Files.exists(directory.resolve("PG_VERSION"))) {
            throw new PgmatchException(
                    directory + " is the data directory of a PostgreSQL of its own; give pgmatch a new directory");
        }
        if (!Files.exists(data)) {
            return true;
        }
        if (!Files.exists(initialized())) {
            throw new PgmatchException(
                    data + " is what a first start left that was cut short; delete " + directory + " and start again");
        }
        PostmasterFile.delete(data);
        return false;
    }

    private void launch(int wantedPort) {
        for (int attempt = 1; ; attempt++) {
            port = wantedPort == 0 ? freePort() : requireFree(wantedPort);
            PgmatchException failure = tryLaunch();
            if (failure == null) {
                return;
            }
            server().ifPresent(BundledPostgres::stopAtOnce);
            // Somebody was quicker on the free port; or the children of a killed postmaster
            // have not noticed yet that it is gone.
            boolean passing = (wantedPort == 0 && log.says("could not create any TCP/IP sockets"))
                    || log.says("pre-existing shared memory block");
            if (!passing || attempt == LAUNCH_ATTEMPTS_MAX) {
                throw failure;
            }
            pause(RETRY_PAUSE);
        }
    }

    private @Nullable PgmatchException tryLaunch() {
        Path data = data(directory);
        try {
            log.begin();
            PostmasterFile.delete(data);
            Files.deleteIfExists(data.resolve("epg-lock"));
        } catch (IOException e) {
            return notWritable(directory, e);
        }
        try {
            runEmbedded();
        } catch (ExecutionException e) {
            return startFailed(e.getCause());
        }
        boolean answers = await(
                ANSWER_WAIT,
                () -> log.saysStartFailed()
                        || server().filter(server -> server.answers("postgres")).isPresent());
        return answers && !log.saysStartFailed() ? null : startFailed(null);
    }

    /** Returns when the server answers or its start has failed; the log tells which. */
    private void runEmbedded() throws ExecutionException {
        FutureTask<EmbeddedPostgres> start = new FutureTask<>(this::embedded);
        Thread thread = new Thread(start, "bundled-postgres-start");
        thread.setDaemon(true);
        thread.start();
        long deadline = System.nanoTime()
                + UNPACK_AND_INITIALISE_WAIT.plus(STARTUP_WAIT).toNanos();
        boolean interrupted = false;
        try {
            while (System.nanoTime() < deadline) {
                try {
                    start.get(100, TimeUnit.MILLISECONDS);
                    return;
                } catch (TimeoutException stillStarting) {
                    if (log.saysStartFailed()) {
                        // EmbeddedPostgres answers an interrupt by an early return.
                        thread.interrupt();
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                    thread.interrupt();
                    deadline = Math.min(deadline, System.nanoTime() + ANSWER_WAIT.toNanos());
                }
            }
            thread.interrupt();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private EmbeddedPostgres embedded() throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(data(directory))
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPort(port)
                .setPGStartupWait(STARTUP_WAIT)
                // The same everywhere, whatever locales the machine has.
                .setLocaleConfig("locale", "C")
                .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log.file().toFile()))
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.file().toFile()));
        options.serverSettings().forEach((name, value) -> builder.setServerConfig(name, shellQuoted(value)));
        return builder.start();
    }

    private void ensureDatabase() {
        try (Connection connection = dataSource("postgres").getConnection();
                PreparedStatement query =
                        connection.prepareStatement("SELECT FROM pg_catalog.pg_database WHERE datname = ?")) {
            query.setString(1, DATABASE);
            if (query.executeQuery().next()) {
                return;
            }
        } catch (SQLException e) {
            throw new PgmatchException("the bundled PostgreSQL refuses connections: " + e.getMessage(), e);
        }
        createDatabase(DATABASE);
    }

    private void execute(String sql) {
        try (Connection connection = dataSource("postgres").getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new PgmatchException("the bundled PostgreSQL failed at " + sql + ": " + e.getMessage(), e);
        }
    }

    @GuardedBy("this")
    private void acquireLock() throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        lock = channel;
        boolean held;
        try {
            held = channel.tryLock() != null;
        } catch (OverlappingFileLockException byThisProcess) {
            held = false;
        }
        if (!held) {
            releaseLock();
            Optional<PostmasterFile> other =
                    PostmasterFile.read(data(directory)).filter(PostmasterFile::isLive);
            throw other.map(this::inUse)
                    .orElseGet(() ->
                            new PgmatchException("another pgmatch is starting or stopping the bundled PostgreSQL on "
                                    + directory + "; wait for it, or give a directory of its own"));
        }
    }

    @GuardedBy("this")
    private void releaseLock() {
        if (lock != null) {
            try {
                lock.close();
            } catch (IOException e) {
                LOG.warn("could not release the lock of {}", directory, e);
            }
            lock = null;
        }
    }

    private void removeCloser() {
        try {
            Runtime.getRuntime().removeShutdownHook(closer);
        } catch (IllegalStateException shuttingDown) {
            LOG.trace("closed by the end of the process");
        }
    }

    @GuardedBy("this")
    private void requireRunning() {
        if (state != State.RUNNING) {
            throw new IllegalStateException("the bundled PostgreSQL on " + directory + " is closed");
        }
    }

    private Optional<PostmasterFile> server() {
        return PostmasterFile.read(data(directory)).filter(PostmasterFile::isLive);
    }

    private boolean isTemporary() {
        return options.dataDirectory() == null;
    }

    private Path initialized() {
        return directory.resolve("initialized");
    }

    private PgmatchException inUse(PostmasterFile other) {
        return new PgmatchException("a bundled PostgreSQL runs on " + directory + " already, at "
                + url(other.port(), DATABASE) + "; use that one, or stop it (process " + other.pid() + ")");
    }

    private PgmatchException startFailed(@Nullable Throwable cause) {
        if (log.says("cannot be run as root") || log.says("execution of the PostgreSQL server is not permitted")) {
            return new PgmatchException(
                    "PostgreSQL refuses to run as root, and there are no user namespaces here to help;"
                            + " run pgmatch as another user, or name a server with --url",
                    cause);
        }
        if (log.says("incompatible with server")) {
            return new PgmatchException(
                    "the data in " + directory + " is of another major version: "
                            + log.reason().orElse("")
                            + "; use the pgmatch that made it, or give another directory",
                    cause);
        }
        String fallback = cause == null || cause.getMessage() == null
                ? "it did not answer within " + STARTUP_WAIT.toSeconds() + " s"
                : cause.getMessage();
        String where = isTemporary() ? "" : "; its log is " + log.file();
        return new PgmatchException(
                "the bundled PostgreSQL did not start: " + log.reason().orElse(fallback) + where, cause);
    }

    private static Path createDirectory(@Nullable Path wanted) {
        try {
            return wanted == null
                    ? Files.createTempDirectory("pgmatch-").toAbsolutePath()
                    : Files.createDirectories(wanted.toAbsolutePath().normalize());
        } catch (IOException e) {
            throw notWritable(wanted == null ? Path.of(System.getProperty("java.io.tmpdir")) : wanted, e);
        }
    }

    private static PgmatchException notWritable(Path directory, IOException cause) {
        return new PgmatchException(
                "cannot write the data of the bundled PostgreSQL to " + directory + " ("
                        + cause.getClass().getSimpleName() + ": " + cause.getMessage()
                        + "); give a directory that you may write",
                cause);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new PgmatchException("there is no free port on " + HOST + ": " + e.getMessage(), e);
        }
    }

    private static int requireFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
            return port;
        } catch (IOException e) {
            throw new PgmatchException(
                    "cannot listen on port " + port + " of " + HOST + " (" + e.getMessage()
                            + "); give another port, or 0 for a free one",
                    e);
        }
    }

    private static void stopOrderly(PostmasterFile server) {
        signal(server, "INT");
        if (!awaitEnd(server, FAST_STOP_WAIT)) {
            stopAtOnce(server);
        }
    }

    private static void stopAtOnce(PostmasterFile server) {
        signal(server, "QUIT");
        if (!awaitEnd(server, IMMEDIATE_STOP_WAIT)) {
            LOG.warn("the bundled PostgreSQL does not stop; killing process {}", server.pid());
            ProcessHandle.of(server.pid()).ifPresent(ProcessHandle::destroyForcibly);
            awaitEnd(server, KILL_WAIT);
        }
    }

    /** By the shell, which has kill built in; small images lack the program. */
    private static void signal(PostmasterFile server, String name) {
        try {
            Process kill = new ProcessBuilder("sh", "-c", "kill -s " + name + " " + server.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            await(KILL_WAIT, () -> !kill.isAlive());
        } catch (IOException e) {
            throw new PgmatchException("cannot signal the bundled PostgreSQL: " + e.getMessage(), e);
        }
    }

    private static boolean awaitEnd(PostmasterFile server, Duration limit) {
        return await(
                limit,
                () -> !server.isLive()
                        || !PostmasterFile.read(server.data())
                                .map(now -> now.pid() == server.pid())
                                .orElse(false));
    }

    private static boolean await(Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() >= deadline) {
                return false;
            }
            pause(POLL_PAUSE);
        }
        return true;
    }

    /** Interrupts are kept for the caller: an end that is half done would leave a server behind. */
    private static void pause(Duration duration) {
        boolean interrupted = Thread.interrupted();
        try {
            TimeUnit.NANOSECONDS.sleep(duration.toNanos());
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void delete(Path tree) {
        for (int attempt = 1; ; attempt++) {
            try {
                deleteTree(tree);
                return;
            } catch (IOException e) {
                // A process of the server may have been writing its last file.
                if (attempt == DELETE_ATTEMPTS_MAX) {
                    LOG.warn("could not delete {}: {}", tree, e.toString());
                    return;
                }
                pause(RETRY_PAUSE);
            }
        }
    }

    private static void deleteTree(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path emptied, @Nullable IOException failure) throws IOException {
                Files.deleteIfExists(emptied);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static Path data(Path directory) {
        return directory.resolve("data");
    }

    private static String url(int port, String database) {
        return "postgresql://" + SUPERUSER + "@" + HOST + ":" + port + "/" + database;
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    private static String shellQuoted(String value) {
        return "'" + value.replace("'", "'\\''") + "'";
    }
}
