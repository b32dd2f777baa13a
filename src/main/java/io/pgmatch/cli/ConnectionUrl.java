package io.pgmatch.cli;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code postgresql://user:password@host:port,host:port/database?name=value}, which libpq
 * defines, and its variant behind {@code jdbc:}.
 *
 * <p>Our own, because the driver's reader wants no user or password before the host and logs the
 * whole URL when it dislikes it. Where a special character of a password was not percent-encoded,
 * this one either understands it or says so; it never takes a part of it for a host and shows it.
 */
final class ConnectionUrl {
    private static final String JDBC = "jdbc:";

    private final String origin;
    private final boolean jdbc;
    private final ConnectionParameters parameters = new ConnectionParameters();

    private ConnectionUrl(String origin, boolean jdbc) {
        this.origin = origin;
        this.jdbc = jdbc;
    }

    /**
     * What the URL says, all decoded.
     *
     * @param origin where the URL comes from, in words for a message
     */
    static ConnectionParameters parse(String url, String origin) {
        String text = url.strip();
        ConnectionUrl reader = new ConnectionUrl(origin, text.startsWith(JDBC));
        reader.read(reader.jdbc ? text.substring(JDBC.length()) : text);
        return reader.parameters;
    }

    private void read(String url) {
        String rest;
        if (url.startsWith("postgresql://")) {
            rest = url.substring("postgresql://".length());
        } else if (!jdbc && url.startsWith("postgres://")) {
            rest = url.substring("postgres://".length());
        } else if (jdbc && url.startsWith("postgresql:")) {
            // jdbc:postgresql:database
            rest = "/" + url.substring("postgresql:".length()).replaceFirst("^/", "");
        } else {
            throw wrong("is no URL of a PostgreSQL; it should start with postgresql://,"
                    + " postgres:// or jdbc:postgresql://");
        }
        int question = rest.indexOf('?');
        String location = question < 0 ? rest : rest.substring(0, question);
        String query = question < 0 ? "" : rest.substring(question + 1);
        int slash = location.indexOf('/');
        String authority = slash < 0 ? location : location.substring(0, slash);
        String database = slash < 0 ? "" : location.substring(slash + 1);
        int at = authority.lastIndexOf('@');
        if (database.indexOf('@') >= 0) {
            throw wrong("has an @ after the first /; percent-encode what belongs to the user, the password or"
                    + " the database: / is %2F, ? is %3F, @ is %40");
        }
        if (at >= 0) {
            readUser(authority.substring(0, at));
        }
        readHosts(authority.substring(at + 1));
        give(ConnectionParameters.DATABASE, decode(database, false));
        readQuery(query);
    }

    private void readUser(String userInfo) {
        int colon = userInfo.indexOf(':');
        give(ConnectionParameters.USER, decode(colon < 0 ? userInfo : userInfo.substring(0, colon), false));
        if (colon >= 0) {
            give(ConnectionParameters.PASSWORD, decode(userInfo.substring(colon + 1), false));
        }
    }

    private void readHosts(String authority) {
        List<String> hosts = new ArrayList<>();
        List<String> ports = new ArrayList<>();
        boolean anyPort = false;
        for (String address : authority.split(",", -1)) {
            int end = address.startsWith("[") ? address.indexOf(']') + 1 : address.indexOf(':');
            if (address.startsWith("[") && end == 0) {
                throw wrong("has an IPv6 address whose ] is missing");
            }
            String host = end < 0 ? address : address.substring(0, end);
            String port = end < 0 ? "" : address.substring(end);
            if (!port.isEmpty() && !port.startsWith(":")) {
                throw wrong("has something between the ] of an IPv6 address and its port");
            }
            if (host.startsWith("[")) {
                host = host.substring(1, host.length() - 1);
            }
            hosts.add(decode(host, false));
            ports.add(port.isEmpty() ? "" : port.substring(1));
            anyPort |= port.length() > 1;
        }
        give(ConnectionParameters.HOST, String.join(",", hosts));
        if (anyPort) {
            give(ConnectionParameters.PORT, String.join(",", ports));
        }
    }

    private void readQuery(String query) {
        for (String parameter : query.split("&", -1)) {
            if (parameter.isEmpty()) {
                continue;
            }
            int equals = parameter.indexOf('=');
            if (equals < 0) {
                throw wrong("has a parameter without =; after the ? stands name=value&name=value");
            }
            String name = decode(parameter.substring(0, equals), jdbc);
            String value = decode(parameter.substring(equals + 1), jdbc);
            if (!jdbc && name.equals("ssl")) {
                // What libpq makes of the JDBC way to ask for encryption.
                name = "sslmode";
                value = value.equals("true") ? "require" : "";
            }
            if (query.indexOf('@') >= 0 && !ConnectionParameters.isKnown(name)) {
                // Maybe no name, but the rest of a password with a ? in it.
                throw wrong("has a parameter that is not known, or a password with a ? that is not"
                        + " percent-encoded as %3F");
            }
            give(name, value);
        }
    }

    private void give(String name, String value) {
        parameters.give(name, value, origin);
    }

    /** Percent-decoding that refuses what is no encoding; + is a blank in the query of JDBC only. */
    private String decode(String text, boolean plusIsBlank) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer decoded = ByteBuffer.allocate(encoded.length);
        for (int i = 0; i < encoded.length; i++) {
            if (encoded[i] == '%') {
                int high = i + 2 < encoded.length ? Character.digit(encoded[i + 1], 16) : -1;
                int low = i + 2 < encoded.length ? Character.digit(encoded[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw wrong("has a % that two hexadecimal digits do not follow; a % itself is %25");
                }
                decoded.put((byte) (high * 16 + low));
                i += 2;
            } else {
                decoded.put(plusIsBlank && encoded[i] == '+' ? (byte) ' ' : encoded[i]);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
        } catch (CharacterCodingException e) {
            throw wrong("has percent-encoded bytes that are not UTF-8");
        }
    }

    private ConnectionUsageException wrong(String what) {
        return new ConnectionUsageException(origin + " " + what);
    }
}
