package io.pgmatch.bench.peers;

import io.pgmatch.bench.Bench;
import io.pgmatch.model.PgmatchException;
import java.util.List;

/**
 * The tables of one peer: {@code pgmatch_bench.NAME_elements} and {@code pgmatch_bench.NAME_pairs}, with
 * the columns of {@code pgmatch.tasks} and {@code pgmatch.matched_pairs} that carry something here, and the
 * indexes that the statements of the peers use. They are spared what only pgmatch needs: triggers, the
 * indexes for the states of a task, several pools.
 *
 * <p>Elements carry one of {@value #VALUES} values. Each value occurs an even number of times, in no
 * order: with elements for whom there is nobody most of these loops would stop for good, which is not what is
 * measured here.
 */
public final class Elements {
    /** How many different values elements carry. */
    public static final int VALUES = 1_000;

    /** The attributes of as many elements as the first parameter says, in an order that is the same every time. */
    public static final String ATTRIBUTES = """
            SELECT jsonb_build_object('k', pair %% %d, 'player', 'player-' || pair || '-' || member) AS attributes
            FROM generate_series(0, ? / 2 - 1) AS pair, generate_series(1, 2) AS member
            ORDER BY hashint8(2 * pair + member)
            """.formatted(VALUES);

    /** One peer at a time is at work, so everything in the benchmark's schema is its. */
    static final String DROP_SCHEMA = "DROP SCHEMA IF EXISTS pgmatch_bench CASCADE";

    static final String CREATE_SCHEMA = "CREATE SCHEMA pgmatch_bench";

    private static final List<String> CREATE =
            List.of("""
            CREATE TABLE pgmatch_bench.%1$s_elements (
                id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                attributes  jsonb NOT NULL,
                match_key   text NOT NULL GENERATED ALWAYS AS (attributes ->> 'k') STORED,
                inserted_at timestamptz NOT NULL DEFAULT now(),
                locked_by   text,
                locked_at   timestamptz
            ) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.1)
            """, "CREATE INDEX %1$s_search ON pgmatch_bench.%1$s_elements (match_key, id)", """
            CREATE TABLE pgmatch_bench.%1$s_pairs (
                first_id           bigint PRIMARY KEY,
                second_id          bigint NOT NULL UNIQUE,
                first_attributes   jsonb NOT NULL,
                second_attributes  jsonb NOT NULL,
                first_inserted_at  timestamptz NOT NULL,
                second_inserted_at timestamptz NOT NULL,
                matched_at         timestamptz NOT NULL DEFAULT now(),
                matched_by         text NOT NULL,
                CHECK (first_id < second_id)
            )
            """);

    private static final String CHECK = """
            SELECT format('%%s waiting, %%s pairs of %%s elements, %%s unequal',
                (SELECT count(*) FROM pgmatch_bench.%1$s_elements),
                (SELECT count(*) FROM pgmatch_bench.%1$s_pairs),
                (SELECT count(DISTINCT id) FROM (
                    SELECT first_id AS id FROM pgmatch_bench.%1$s_pairs
                    UNION ALL SELECT second_id FROM pgmatch_bench.%1$s_pairs) AS member),
                (SELECT count(*) FROM pgmatch_bench.%1$s_pairs
                    WHERE first_attributes -> 'k' <> second_attributes -> 'k'))
            """;

    private final String name;

    Elements(String name) {
        this.name = name;
    }

    /** A statement in which {@code %1$s} stands for the name. */
    String named(String sql) {
        return sql.formatted(name);
    }

    void load(Bench bench, int elements) {
        remove(bench);
        bench.sql().execute(CREATE_SCHEMA);
        CREATE.forEach(statement -> bench.sql().execute(named(statement)));
        bench.sql().execute(named("INSERT INTO pgmatch_bench.%1$s_elements (attributes) ") + ATTRIBUTES, elements);
        bench.sql().execute(named("VACUUM ANALYZE pgmatch_bench.%1$s_elements"));
        bench.sql().execute(named("VACUUM ANALYZE pgmatch_bench.%1$s_pairs"));
    }

    void remove(Bench bench) {
        bench.sql().execute(DROP_SCHEMA);
    }

    void check(Bench bench, int elements) {
        String got = bench.sql().text(named(CHECK));
        String wanted = "%d waiting, %d pairs of %d elements, %d unequal".formatted(0, elements / 2, elements, 0);
        if (!got.equals(wanted)) {
            throw new PgmatchException("bench: %s: wanted %s, got %s".formatted(name, wanted, got));
        }
    }
}
