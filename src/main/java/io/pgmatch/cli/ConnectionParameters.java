package io.pgmatch.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * What is given of a connection, by name: {@code host}, {@code port}, {@code dbname}, {@code user},
 * {@code password}, {@code passfile} and {@code service} as libpq calls them, all others as pgjdbc
 * does. The first value given of a name counts. Confined to one thread.
 */
final class ConnectionParameters {
    static final String HOST = "host";
    static final String PORT = "port";
    static final String DATABASE = "dbname";
    static final String USER = "user";
    static final String PASSWORD = "password";
    static final String PASSWORD_FILE = "passfile";
    static final String SERVICE = "service";

    /** The names that are ours to understand; pgjdbc gets all others. */
    static final Set<String> OWN = Set.of(HOST, PORT, DATABASE, USER, PASSWORD, PASSWORD_FILE, SERVICE);

    /** What pgjdbc always does, or what has no say in what is secure or where we connect. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "client_encoding",
            "fallback_application_name",
            "keepalives_count",
            "keepalives_idle",
            "keepalives_interval",
            "sslcompression",
            "sslsni",
            "tcp_user_timeout");

    private static final Map<String, String> PGJDBC_NAMES = Map.ofEntries(
            Map.entry("application_name", PGProperty.APPLICATION_NAME.getName()),
            Map.entry("channel_binding", PGProperty.CHANNEL_BINDING.getName()),
            Map.entry("connect_timeout", PGProperty.CONNECT_TIMEOUT.getName()),
            Map.entry("gssencmode", PGProperty.GSS_ENC_MODE.getName()),
            Map.entry("keepalives", PGProperty.TCP_KEEP_ALIVE.getName()),
            Map.entry("krbsrvname", PGProperty.KERBEROS_SERVER_NAME.getName()),
            Map.entry("load_balance_hosts", PGProperty.LOAD_BALANCE_HOSTS.getName()),
            Map.entry("require_auth", PGProperty.REQUIRE_AUTH.getName()),
            Map.entry("sslnegotiation", PGProperty.SSL_NEGOTIATION.getName()),
            Map.entry("target_session_attrs", PGProperty.TARGET_SERVER_TYPE.getName()),
            Map.entry(PGProperty.PG_HOST.getName(), HOST),
            Map.entry(PGProperty.PG_PORT.getName(), PORT),
            Map.entry(PGProperty.PG_DBNAME.getName(), DATABASE));

    private static final Map<String, String> TARGET_SERVER_TYPES = Map.of(
            "read-write", "primary",
            "read-only", "secondary",
            "standby", "secondary",
            "prefer-standby", "preferSecondary");

    private static final Set<String> SSL_MODES =
            Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

    private static final Set<String> NUMBERS = Set.of(
            PGProperty.CONNECT_TIMEOUT.getName(),
            PGProperty.LOGIN_TIMEOUT.getName(),
            PGProperty.SOCKET_TIMEOUT.getName());

    /** Up to nine digits: any such number of seconds fits pgjdbc. */
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

    private static final Pattern NAME = Pattern.compile("[A-Za-z_]{1,40}");

    /** A value and where it comes from, in words for a message. */
    record Given(String value, String origin) {
        @Override
        public String toString() {
            return "something from " + origin;
        }
    }

    private final Map<String, Given> given = new LinkedHashMap<>();

    /**
     * Takes a value unless there is one already. A name may be libpq's or pgjdbc's.
     *
     * @param origin where it comes from, in words for a message
     */
    void give(String name, String value, String origin) {
        if (value.isEmpty() || WITHOUT_EFFECT.contains(name)) {
            return;
        }
        if (value.indexOf('\0') >= 0) {
            throw new ConnectionUsageException(origin + " holds a zero byte");
        }
        String translated = PGJDBC_NAMES.getOrDefault(name, name);
        if (!isKnown(name)) {
            throw new ConnectionUsageException(origin + " has a parameter that is not known"
                    + (NAME.matcher(name).matches() ? ": " + name : "")
                    + "; known are those of libpq and of the JDBC driver");
        }
        given.putIfAbsent(translated, new Given(checked(translated, translate(name, value), origin), origin));
    }

    /** Whether libpq or pgjdbc has a parameter of that name. */
    static boolean isKnown(String name) {
        return OWN.contains(name)
                || WITHOUT_EFFECT.contains(name)
                || PGJDBC_NAMES.containsKey(name)
                || PGProperty.forName(name) != null;
    }

    /** Takes what the other has and this has not. */
    void giveAll(ConnectionParameters other) {
        other.given.forEach(given::putIfAbsent);
    }

    Optional<Given> find(String name) {
        return Optional.ofNullable(given.get(name));
    }

    @Nullable
    String value(String name) {
        Given found = given.get(name);
        return found == null ? null : found.value();
    }

    String valueOr(String name, String fallback) {
        Given found = given.get(name);
        return found == null ? fallback : found.value();
    }

    /** The names that have a value. */
    Set<String> names() {
        return Set.copyOf(given.keySet());
    }

    private static String translate(String name, String value) {
        return switch (name) {
            case "keepalives" -> value.equals("0") ? "false" : "true";
            case "load_balance_hosts" -> value.equals("random") ? "true" : "false";
            case "target_session_attrs" -> TARGET_SERVER_TYPES.getOrDefault(value, value);
            case "sslmode" -> value.toLowerCase(Locale.ROOT);
            default -> value;
        };
    }

    private static String checked(String name, String value, String origin) {
        if (name.equals(PGProperty.SSL_MODE.getName()) && !SSL_MODES.contains(value)) {
            throw new ConnectionUsageException(origin
                    + " has an sslmode that is not known; it is one of disable, allow, prefer, require,"
                    + " verify-ca, verify-full");
        }
        if (NUMBERS.contains(name) && !NUMBER.matcher(value).matches()) {
            throw new ConnectionUsageException(origin + " has a " + name + " that is no number of seconds");
        }
        return value;
    }

    @Override
    public String toString() {
        return "ConnectionParameters" + given.keySet();
    }
}
