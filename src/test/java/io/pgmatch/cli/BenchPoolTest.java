package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.bench.Bench;
import io.pgmatch.bench.BenchPool;
import io.pgmatch.bench.Progress;
import io.pgmatch.testing.TestDatabase;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** That the short cuts of the benchmark lead to what it says it measures. */
class BenchPoolTest {
    private static final String RULE = """
            {"attributes": {"side": {"type": "text"}, "k": {"type": "number"}, "r": {"type": "number"}},
             "match": [{"sides": "side", "pairs": [["buy", "sell"]]}, {"equal": "k"},
                       {"distance": "r", "max": 25}],
             "prefer": [{"highest": "r"}]}
            """;

    @RegisterExtension
    private final TestDatabase database = new TestDatabase();

    @Test
    void copiesAreWhatTheTriggerWouldHaveDerived() {
        try (Bench bench = new Bench(
                        ConnectionSettings.resolve(database.url(), Map.of())::open, Map.of(), true, Progress.NONE);
                BenchPool pool = bench.createPool("copies", RULE)) {
            pool.insert("jsonb_build_object('side', 'sell', 'k', n, 'r', 100 * n)", 10);
            database.execute("UPDATE pgmatch.tasks SET search_at = 'infinity'");

            pool.copyParked(10, 25);

            assertThat(pool.waiting()).isEqualTo(35);
            assertThat(database.count("SELECT count(DISTINCT rank) FROM pgmatch.tasks"))
                    .isEqualTo(10);
            assertThat(database.count("SELECT sum(inserted) FROM pgmatch.task_tally"))
                    .isEqualTo(35);
            assertThat(database.count("SELECT count(*) FROM pgmatch.tasks WHERE search_at <> 'infinity'"))
                    .isZero();
            String copied = allButSearchAt();
            // Derives anew.
            database.execute("UPDATE pgmatch.tasks SET rule_version = 0");
            assertThat(copied).isEqualTo(allButSearchAt());
        }
    }

    private String allButSearchAt() {
        return database.query("SELECT string_agg((to_jsonb(t) - 'search_at')::text, E'\\n' ORDER BY id)"
                + " FROM pgmatch.tasks AS t");
    }
}
