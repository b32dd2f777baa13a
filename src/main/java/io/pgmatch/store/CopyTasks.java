package io.pgmatch.store;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Inserts many tasks by COPY, under ids that were drawn before. */
public final class CopyTasks {
    static final String SQL = "COPY pgmatch.tasks (id, expires_at, pool, ref, attributes) FROM STDIN";

    /** So much is gathered before the driver is called; it sends about as much at a time itself. */
    private static final int CHUNK_BYTES = 32 * 1024;

    private static final byte[] NULL = "\\N".getBytes(StandardCharsets.US_ASCII);

    private CopyTasks() {}

    /**
     * Runs the statement. A refusal is a {@link DatabaseException} whose {@link
     * DatabaseException#copyLine} is the place of the refused task in {@code tasks}, counted from 1.
     *
     * @param tasks what to insert, in order
     * @param ids the id of each
     * @param now the transaction's time, from which expiry counts
     */
    public static void run(Transaction transaction, List<TaskText> tasks, List<Long> ids, Instant now) {
        try {
            CopyIn copy = transaction
                    .connection()
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(SQL);
            try {
                write(copy, tasks, ids, now);
                long count = copy.endCopy();
                if (count != tasks.size()) {
                    throw new IllegalStateException("COPY inserted " + count + " of " + tasks.size() + " tasks");
                }
            } finally {
                if (copy.isActive()) {
                    copy.cancelCopy();
                }
            }
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    private static void write(CopyIn copy, List<TaskText> tasks, List<Long> ids, Instant now) throws SQLException {
        Chunk chunk = new Chunk();
        for (int i = 0; i < tasks.size(); i++) {
            TaskText task = tasks.get(i);
            chunk.writeBytes(ids.get(i).toString().getBytes(StandardCharsets.US_ASCII));
            chunk.write('\t');
            chunk.writeBytes(
                    task.expiresInMillis() == 0
                            ? NULL
                            : now.plusMillis(task.expiresInMillis()).toString().getBytes(StandardCharsets.US_ASCII));
            chunk.write('\t');
            chunk.writeBytes(task.columns());
            if (chunk.size() >= CHUNK_BYTES || i == tasks.size() - 1) {
                chunk.sendTo(copy);
            }
        }
    }

    /** Bytes on their way to the driver. */
    private static final class Chunk extends ByteArrayOutputStream {
        Chunk() {
            super(2 * CHUNK_BYTES);
        }

        void sendTo(CopyIn copy) throws SQLException {
            copy.writeToCopy(buf, 0, count);
            reset();
        }
    }
}
