package io.pgmatch.testing;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Stands between the driver and the server, reads their messages, and cuts a connection at the point that
 * a test has armed. One fault at a time; an armed fault happens once.
 */
public final class FaultProxy implements AutoCloseable {
    private static final int STARTUP_LENGTH_MAX = 10_000;
    private static final int SSL_REQUEST = 80877103;
    private static final int MESSAGE_LENGTH_MAX = 1 << 26;
    private static final int LENGTH_BYTES = 4;

    private final ServerSocket listener;
    private final int serverPort;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Armed> armed = new AtomicReference<>();
    private final AtomicInteger faults = new AtomicInteger();

    /** Where a connection is cut. */
    public enum Fault {
        /** The client says COMMIT; the server never hears it. */
        BEFORE_COMMIT,
        /** The server has committed; the client never hears it. */
        AFTER_COMMIT,
        /** Half of the data of a COPY has reached the server. */
        IN_COPY,
        /**
         * The client is cut off when it says COMMIT. The server hears it later, when the test says so: until
         * then the transaction goes on.
         */
        HELD_COMMIT
    }

    private record Armed(Fault fault, CountDownLatch happened, CountDownLatch released) {}

    /** A proxy before the server on that port of this machine. */
    public FaultProxy(int serverPort) throws IOException {
        this.serverPort = serverPort;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("accept", this::accept);
    }

    /** Connections through the proxy, a new one each time. */
    public PGSimpleDataSource dataSource(String database) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {listener.getLocalPort()});
        source.setDatabaseName(database);
        source.setUser("postgres");
        source.setSslMode("disable");
        return source;
    }

    /** The next connection that gets there is cut there; the latch falls when that has happened. */
    public CountDownLatch arm(Fault fault) {
        CountDownLatch happened = new CountDownLatch(1);
        armed.set(new Armed(fault, happened, new CountDownLatch(1)));
        return happened;
    }

    /** The same for {@link Fault#HELD_COMMIT}; counting the latch down lets the server hear the COMMIT. */
    public CountDownLatch armHeldCommit(CountDownLatch happened) {
        CountDownLatch released = new CountDownLatch(1);
        armed.set(new Armed(Fault.HELD_COMMIT, happened, released));
        return released;
    }

    /** How many faults have happened. */
    public int faults() {
        return faults.get();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        sockets.forEach(FaultProxy::closeQuietly);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                Session session = new Session(client, server);
                start("client", session::clientToServer);
                start("server", session::serverToClient);
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, "fault-proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // It is closed then.
        }
    }

    private final class Session {
        private final Socket client;
        private final Socket server;

        /** SQL by name of prepared statement. Used by the thread that reads the client. */
        private final Map<String, String> statements = new HashMap<>();

        /** Set when the client's COMMIT was let through and its answer is to be kept. */
        private volatile Armed answerKept;

        Session(Socket client, Socket server) {
            this.client = client;
            this.server = server;
            sockets.add(client);
            sockets.add(server);
        }

        void clientToServer() {
            try {
                DataInputStream in = new DataInputStream(client.getInputStream());
                OutputStream out = server.getOutputStream();
                forwardStartup(in, out);
                while (true) {
                    int type = in.readUnsignedByte();
                    byte[] body = body(in);
                    if (isCommit(type, body) && meetCommit(out, type, body)) {
                        return;
                    }
                    if (type == 'd' && takes(Fault.IN_COPY)) {
                        byte[] message = message(type, body);
                        out.write(message, 0, message.length / 2);
                        out.flush();
                        happen(armed.getAndSet(null));
                        return;
                    }
                    out.write(message(type, body));
                    if (in.available() == 0) {
                        out.flush();
                    }
                }
            } catch (IOException | InterruptedException e) {
                // One side has gone.
            } finally {
                cut();
            }
        }

        /** Whether the connection ends here. */
        private boolean meetCommit(OutputStream out, int type, byte[] body) throws IOException, InterruptedException {
            Armed fault = armed.get();
            if (fault == null || fault.fault() == Fault.IN_COPY || !armed.compareAndSet(fault, null)) {
                return false;
            }
            switch (fault.fault()) {
                case BEFORE_COMMIT -> {
                    happen(fault);
                    return true;
                }
                case AFTER_COMMIT -> {
                    answerKept = fault;
                    return false;
                }
                default -> {
                    closeQuietly(client);
                    happen(fault);
                    fault.released().await();
                    // With Execute and Sync, or the server would wait for more.
                    out.write(message(type, body));
                    if (type != 'Q') {
                        if (type == 'P') {
                            out.write(message('B', new byte[] {0, 0, 0, 0, 0, 0, 0, 0}));
                        }
                        out.write(message('E', new byte[] {0, 0, 0, 0, 0}));
                        out.write(message('S', new byte[0]));
                    }
                    out.flush();
                    answerKept = fault;
                    // The other thread ends the session once the server has answered.
                    new CountDownLatch(1).await();
                    return true;
                }
            }
        }

        void serverToClient() {
            try {
                DataInputStream in = new DataInputStream(server.getInputStream());
                OutputStream out = client.getOutputStream();
                while (true) {
                    int type = in.readUnsignedByte();
                    byte[] body = body(in);
                    Armed kept = answerKept;
                    if (kept != null && type == 'C' && text(body, 0).equals("COMMIT")) {
                        if (kept.fault() == Fault.AFTER_COMMIT) {
                            happen(kept);
                        }
                        return;
                    }
                    if (kept == null || kept.fault() != Fault.HELD_COMMIT) {
                        out.write(message(type, body));
                        if (in.available() == 0) {
                            out.flush();
                        }
                    }
                }
            } catch (IOException e) {
                // One side has gone.
            } finally {
                cut();
            }
        }

        private boolean takes(Fault fault) {
            Armed now = armed.get();
            return now != null && now.fault() == fault;
        }

        private void happen(Armed fault) {
            faults.incrementAndGet();
            if (fault.fault() != Fault.HELD_COMMIT) {
                cut();
            }
            fault.happened().countDown();
        }

        private void forwardStartup(DataInputStream in, OutputStream out) throws IOException {
            while (true) {
                int length = in.readInt();
                if (length < LENGTH_BYTES || length > STARTUP_LENGTH_MAX) {
                    throw new IOException("startup packet of " + length + " bytes");
                }
                byte[] body = in.readNBytes(length - LENGTH_BYTES);
                out.write(lengthOf(length));
                out.write(body);
                out.flush();
                int code = (body[0] & 255) << 24 | (body[1] & 255) << 16 | (body[2] & 255) << 8 | body[3] & 255;
                if (code != SSL_REQUEST) {
                    return;
                }
            }
        }

        /** Simple query, or Parse of COMMIT, or Bind of a statement that was parsed as COMMIT before. */
        private boolean isCommit(int type, byte[] body) {
            switch (type) {
                case 'Q' -> {
                    return isCommit(text(body, 0));
                }
                case 'P' -> {
                    String name = text(body, 0);
                    String sql = text(body, name.getBytes(StandardCharsets.UTF_8).length + 1);
                    statements.put(name, sql);
                    return isCommit(sql);
                }
                case 'B' -> {
                    String portal = text(body, 0);
                    String name = text(body, portal.getBytes(StandardCharsets.UTF_8).length + 1);
                    return !name.isEmpty() && isCommit(statements.getOrDefault(name, ""));
                }
                default -> {
                    return false;
                }
            }
        }

        private boolean isCommit(String sql) {
            return sql.trim().equalsIgnoreCase("COMMIT");
        }

        private byte[] body(DataInputStream in) throws IOException {
            int length = in.readInt();
            if (length < LENGTH_BYTES || length > MESSAGE_LENGTH_MAX) {
                throw new IOException("message of " + length + " bytes");
            }
            byte[] body = in.readNBytes(length - LENGTH_BYTES);
            if (body.length < length - LENGTH_BYTES) {
                throw new EOFException();
            }
            return body;
        }

        private byte[] message(int type, byte[] body) {
            byte[] message = new byte[1 + LENGTH_BYTES + body.length];
            message[0] = (byte) type;
            System.arraycopy(lengthOf(LENGTH_BYTES + body.length), 0, message, 1, LENGTH_BYTES);
            System.arraycopy(body, 0, message, 1 + LENGTH_BYTES, body.length);
            return message;
        }

        private byte[] lengthOf(int length) {
            return new byte[] {(byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8), (byte) length};
        }

        private String text(byte[] body, int from) {
            int end = from;
            while (end < body.length && body[end] != 0) {
                end++;
            }
            return new String(body, from, end - from, StandardCharsets.UTF_8);
        }

        private void cut() {
            closeQuietly(client);
            closeQuietly(server);
            sockets.remove(client);
            sockets.remove(server);
        }
    }
}
