package io.pgmatch.store;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jooq.Record;

/**
 * The first statement of a bulk insert: bounds the transaction, on the server's side too, and draws the
 * ids. They are not used again if the transaction comes to nothing.
 */
public final class BeginFlush {
    static final String SQL = """
            SELECT set_config('statement_timeout', ?, true),
                   set_config('idle_in_transaction_session_timeout', ?, true),
                   set_config('client_connection_check_interval', ?, true),
                   (extract(epoch FROM now()) * 1000000)::bigint,
                   ARRAY(SELECT nextval('pgmatch.tasks_id_seq') FROM generate_series(1, ?))
            """;

    private static final String CONNECTION_CHECK_MILLIS = "1000";
    private static final int NOW = 3;
    private static final int IDS = 4;
    private static final long MICROS = 1_000_000;

    private BeginFlush() {}

    /**
     * What the transaction starts with.
     *
     * @param now its time
     * @param ids drawn from the sequence of tasks, ascending
     */
    public record Start(Instant now, List<Long> ids) {}

    /**
     * Runs the statement.
     *
     * @param timeout how long a statement, or a pause of the client, may take
     */
    public static Start run(Transaction transaction, int tasks, Duration timeout) {
        String millis = Long.toString(timeout.toMillis());
        Record row = transaction.dsl().fetchSingle(SQL, millis, millis, CONNECTION_CHECK_MILLIS, tasks);
        long micros = row.get(NOW, Long.class);
        Instant now = Instant.ofEpochSecond(Math.floorDiv(micros, MICROS), Math.floorMod(micros, MICROS) * 1_000);
        return new Start(now, List.of(row.get(IDS, Long[].class)));
    }
}
