package io.pgmatch.cli;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.pgmatch.embedded.BundledPostgres;
import io.pgmatch.model.PgmatchException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * Which database a command works on, and how to connect to it. Found, in this order, in {@code
 * --url}, in {@code DATABASE_URL}, in libpq's variables, in the bundled server that runs in this
 * directory. What one of the first three leaves open is filled in as libpq does: from the service,
 * from libpq's variables, from the password file, from defaults.
 *
 * <p>Secrets are in {@link #properties} and nowhere else; messages, URL and {@link #toString} are
 * safe to show.
 */
final class ConnectionSettings {
    /** How long a statement may stay without an answer unless somebody says otherwise. */
    static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(60);

    static final int CONNECT_TIMEOUT_SECONDS = 5;

    private static final Duration POOL_WAIT_MAX = Duration.ofSeconds(30);
    private static final Duration VALIDATION_WAIT = Duration.ofSeconds(3);
    private static final String APPLICATION_NAME = "pgmatch";
    private static final String DEFAULT_HOST = "localhost";
    private static final int DEFAULT_PORT = 5432;
    private static final int PORT_MAX = 65_535;
    private static final int HOSTS_MAX = 32;
    private static final Pattern HOST_NAME = Pattern.compile("[^\\s\\p{Cntrl}/?#@\\[\\],&=]+");
    private static final Pattern PORT_NUMBER = Pattern.compile("\\d{1,5}");

    /** libpq's variables, and the parameters they stand for. */
    private static final Map<String, String> VARIABLES = Map.ofEntries(
            Map.entry("PGHOST", ConnectionParameters.HOST),
            Map.entry("PGPORT", ConnectionParameters.PORT),
            Map.entry("PGDATABASE", ConnectionParameters.DATABASE),
            Map.entry("PGUSER", ConnectionParameters.USER),
            Map.entry("PGPASSWORD", ConnectionParameters.PASSWORD),
            Map.entry("PGPASSFILE", ConnectionParameters.PASSWORD_FILE),
            Map.entry("PGSERVICE", ConnectionParameters.SERVICE),
            Map.entry("PGAPPNAME", "application_name"),
            Map.entry("PGCHANNELBINDING", "channel_binding"),
            Map.entry("PGCONNECT_TIMEOUT", "connect_timeout"),
            Map.entry("PGOPTIONS", "options"),
            Map.entry("PGSSLCERT", "sslcert"),
            Map.entry("PGSSLKEY", "sslkey"),
            Map.entry("PGSSLMODE", "sslmode"),
            Map.entry("PGSSLROOTCERT", "sslrootcert"),
            Map.entry("PGTARGETSESSIONATTRS", "target_session_attrs"));

    /** Those of them that name a database; the others only say how to reach one. */
    private static final Set<String> NAMING_VARIABLES = Set.of("PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE");

    private record Address(String host, int port) {
        @Override
        public String toString() {
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }
    }

    private final List<Address> addresses;
    private final String database;
    private final String user;
    private final Properties properties;

    private ConnectionSettings(List<Address> addresses, String database, String user, Properties properties) {
        this.addresses = List.copyOf(addresses);
        this.database = database;
        this.user = user;
        this.properties = properties;
    }

    /**
     * Finds the database to work on.
     *
     * @param url the value of {@code --url}; null if it was not given
     * @param environment the environment variables
     * @throws ConnectionUsageException if none is named, or not understandably
     */
    static ConnectionSettings resolve(@Nullable String url, Map<String, String> environment) {
        return resolve(url, environment, BundledPostgres.DEFAULT_DATA_DIRECTORY);
    }

    /** The same, with the data directory of the bundled server. */
    static ConnectionSettings resolve(@Nullable String url, Map<String, String> environment, Path bundledData) {
        if (url != null) {
            return complete(ConnectionUrl.parse(url, "--url"), environment);
        }
        String variable = environment.getOrDefault("DATABASE_URL", "");
        if (!variable.isBlank()) {
            return complete(ConnectionUrl.parse(variable, "DATABASE_URL"), environment);
        }
        if (NAMING_VARIABLES.stream()
                .anyMatch(name -> !environment.getOrDefault(name, "").isEmpty())) {
            return complete(new ConnectionParameters(), environment);
        }
        Optional<String> bundled = BundledPostgres.runningUrl(bundledData);
        if (bundled.isPresent()) {
            return settings(ConnectionUrl.parse(bundled.get(), "the bundled server"), environment);
        }
        throw new ConnectionUsageException("no database is named; give --url postgresql://user@host:5432/database,"
                + " or set DATABASE_URL, or PGHOST, PGPORT, PGUSER, PGDATABASE or PGSERVICE, or start the"
                + " bundled server in this directory with pgmatch db");
    }

    /** The URL for JDBC: hosts, ports and database, nothing secret. */
    String jdbcUrl() {
        return "jdbc:postgresql://" + hosts() + "/" + encoded(database);
    }

    /** What goes with the URL, the password included: not for showing. */
    Properties properties() {
        return properties(SOCKET_TIMEOUT);
    }

    /** {@code postgresql://user@host:port/database}, safe to show. */
    String describe() {
        return "postgresql://" + encoded(user) + "@" + hosts() + "/" + encoded(database);
    }

    /** A pool of so many connections, on which a statement may take {@link #SOCKET_TIMEOUT}. */
    HikariDataSource open(int connections) {
        return open(connections, SOCKET_TIMEOUT);
    }

    /**
     * A pool of so many connections. It comes up without a database, which may come later.
     *
     * @param socketTimeout how long a statement may stay without an answer; zero for ever. One that
     *     the user gave wins.
     */
    HikariDataSource open(int connections, Duration socketTimeout) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(APPLICATION_NAME);
        config.setDataSource(dataSource(socketTimeout));
        config.setMaximumPoolSize(connections);
        config.setConnectionTimeout(poolWait().toMillis());
        config.setValidationTimeout(VALIDATION_WAIT.toMillis());
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }

    /** Connections outside any pool, a new one each time: for LISTEN, for the first try. */
    DataSource dataSource(Duration socketTimeout) {
        return new DriverDataSource(jdbcUrl(), properties(socketTimeout), describe());
    }

    /**
     * One connection, at once or not at all: a pool would try again until its time is up.
     *
     * @throws PgmatchException with one line that says which database, and why it cannot be reached
     */
    Connection connect() {
        try {
            return dataSource(SOCKET_TIMEOUT).getConnection();
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    /** One line for a failure to connect, be it the driver's or the pool's. */
    PgmatchException unreachable(SQLException failure) {
        Throwable reason = failure;
        // The pool wraps what the driver said, the driver what the network said.
        for (int depth = 0; depth < 10 && reason.getCause() != null; depth++) {
            reason = reason.getCause();
        }
        String said = reason.getMessage() == null ? "" : reason.getMessage();
        String text = reason instanceof SQLException
                ? said
                : reason.getClass().getSimpleName() + (said.isEmpty() ? "" : ": " + said);
        return new PgmatchException(
                "cannot connect to " + describe() + ": " + text.lines().collect(Collectors.joining(" ")), failure);
    }

    @Override
    public String toString() {
        return describe();
    }

    private static ConnectionSettings complete(ConnectionParameters parameters, Map<String, String> environment) {
        ConnectionParameters variables = new ConnectionParameters();
        VARIABLES.forEach((variable, name) -> variables.give(name, environment.getOrDefault(variable, ""), variable));
        Optional<ConnectionParameters.Given> service =
                parameters.find(ConnectionParameters.SERVICE).or(() -> variables.find(ConnectionParameters.SERVICE));
        service.ifPresent(named -> parameters.giveAll(service(named, environment)));
        parameters.giveAll(variables);
        return settings(parameters, environment);
    }

    private static ConnectionParameters service(ConnectionParameters.Given named, Map<String, String> environment) {
        String file = environment.getOrDefault("PGSERVICEFILE", "");
        String systemDirectory = environment.getOrDefault("PGSYSCONFDIR", "");
        List<Path> candidates = Stream.of(
                        file.isEmpty() ? home(environment).resolve(".pg_service.conf") : path(file, "PGSERVICEFILE"),
                        systemDirectory.isEmpty()
                                ? null
                                : path(systemDirectory, "PGSYSCONFDIR").resolve("pg_service.conf"))
                .filter(path -> path != null)
                .toList();
        for (Path candidate : candidates) {
            Optional<ConnectionParameters> found = new ServiceFile(candidate).find(named.value());
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw new ConnectionUsageException("the service that " + named.origin() + " names is not in "
                + candidates.stream().map(Path::toString).collect(Collectors.joining(" or ")));
    }

    private static ConnectionSettings settings(ConnectionParameters parameters, Map<String, String> environment) {
        List<Address> addresses = addresses(parameters);
        String user = parameters.valueOr(ConnectionParameters.USER, System.getProperty("user.name"));
        String database = parameters.valueOr(ConnectionParameters.DATABASE, user);
        Properties properties = new Properties();
        // The driver's default is any server; a matcher has use for one that takes writes.
        if (addresses.size() > 1) {
            PGProperty.TARGET_SERVER_TYPE.set(properties, "primary");
        }
        PGProperty.APPLICATION_NAME.set(properties, APPLICATION_NAME);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_TIMEOUT_SECONDS);
        for (String name : parameters.names()) {
            String value = parameters.value(name);
            if (value != null && !ConnectionParameters.OWN.contains(name)) {
                properties.setProperty(name, value);
            }
        }
        PGProperty.USER.set(properties, user);
        password(parameters, environment, addresses, database, user)
                .ifPresent(password -> PGProperty.PASSWORD.set(properties, password));
        return new ConnectionSettings(addresses, database, user, properties);
    }

    private static List<Address> addresses(ConnectionParameters parameters) {
        String[] hosts =
                parameters.valueOr(ConnectionParameters.HOST, DEFAULT_HOST).split(",", -1);
        String[] ports = parameters.valueOr(ConnectionParameters.PORT, "").split(",", -1);
        String hostOrigin = origin(parameters, ConnectionParameters.HOST);
        String portOrigin = origin(parameters, ConnectionParameters.PORT);
        if (hosts.length > HOSTS_MAX) {
            throw new ConnectionUsageException(hostOrigin + " names more than " + HOSTS_MAX + " hosts");
        }
        if (ports.length != 1 && ports.length != hosts.length) {
            throw new ConnectionUsageException(portOrigin + " gives " + ports.length + " ports for " + hosts.length
                    + " hosts; give one for all or one for each");
        }
        List<Address> addresses = new ArrayList<>();
        for (int i = 0; i < hosts.length; i++) {
            String port = ports[ports.length == 1 ? 0 : i];
            addresses.add(new Address(host(hosts[i], hostOrigin), port(port, portOrigin)));
        }
        return addresses;
    }

    private static String host(String host, String origin) {
        if (host.startsWith("/") || host.startsWith("@")) {
            throw new ConnectionUsageException(origin
                    + " names a Unix socket, which the JDBC driver cannot use; connect by TCP, for example"
                    + " host=localhost");
        }
        if (!host.isEmpty() && !HOST_NAME.matcher(host).matches()) {
            throw new ConnectionUsageException(origin + " names a host with a character that no host name has");
        }
        return host.isEmpty() ? DEFAULT_HOST : host;
    }

    private static int port(String port, String origin) {
        if (port.isEmpty()) {
            return DEFAULT_PORT;
        }
        int number = PORT_NUMBER.matcher(port).matches() ? Integer.parseInt(port) : 0;
        if (number < 1 || number > PORT_MAX) {
            throw new ConnectionUsageException(origin + " has a port that is no number from 1 to " + PORT_MAX);
        }
        return number;
    }

    private static String origin(ConnectionParameters parameters, String name) {
        return parameters.find(name).map(ConnectionParameters.Given::origin).orElse("the default " + name);
    }

    private static Optional<String> password(
            ConnectionParameters parameters,
            Map<String, String> environment,
            List<Address> addresses,
            String database,
            String user) {
        Optional<ConnectionParameters.Given> given = parameters.find(ConnectionParameters.PASSWORD);
        if (given.isPresent()) {
            return given.map(ConnectionParameters.Given::value);
        }
        String path = parameters.valueOr(
                ConnectionParameters.PASSWORD_FILE,
                home(environment).resolve(".pgpass").toString());
        PasswordFile file = new PasswordFile(path(path, origin(parameters, ConnectionParameters.PASSWORD_FILE)));
        Set<String> found = addresses.stream()
                .flatMap(address -> file.find(address.host(), address.port(), database, user).stream())
                .collect(Collectors.toCollection(TreeSet::new));
        if (found.size() > 1) {
            throw new ConnectionUsageException(
                    path + " has different passwords for the hosts; the JDBC driver can use one for all of them");
        }
        return found.stream().findFirst();
    }

    private static Path home(Map<String, String> environment) {
        String home = environment.getOrDefault("HOME", "");
        return path(home.isEmpty() ? System.getProperty("user.home") : home, "HOME");
    }

    private static Path path(String text, String origin) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new ConnectionUsageException(origin + " is no path that this system can have");
        }
    }

    private Properties properties(Duration socketTimeout) {
        Properties all = new Properties();
        PGProperty.SOCKET_TIMEOUT.set(all, (int) socketTimeout.toSeconds());
        PGProperty.LOGIN_TIMEOUT.set(all, (int) poolWait().toSeconds());
        all.putAll(properties);
        return all;
    }

    /** Long enough to try every host, within reason. */
    private Duration poolWait() {
        int seconds = Integer.parseInt(properties.getProperty(PGProperty.CONNECT_TIMEOUT.getName()));
        Duration each = Duration.ofSeconds(seconds == 0 ? CONNECT_TIMEOUT_SECONDS : seconds);
        Duration all = each.multipliedBy(addresses.size());
        return all.compareTo(POOL_WAIT_MAX) > 0 ? POOL_WAIT_MAX : all;
    }

    private String hosts() {
        return addresses.stream().map(Address::toString).collect(Collectors.joining(","));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
