package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgmatch.cli.Column.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ListingTest {
    private static final Listing<Row> LISTING = new Listing<>(List.of(
            Column.of("pool_name", Row::name),
            Column.of("waiting", Row::waiting),
            Column.of("paused", Row::paused),
            Column.of("oldest_wait", Row::oldestWait),
            Column.forPeople("seen", row -> "by people"),
            Column.forPrograms("created_at", Row::createdAt),
            Column.forPrograms("breaches", row -> List.of("one", "two")),
            Column.of("attributes", row -> new Json(row.attributes()))));

    private static final Row CHESS = new Row(
            "chess",
            12,
            true,
            Duration.ofMillis(61_250),
            Instant.parse("2026-05-01T10:00:00.123456Z"),
            "{\"a\": \"x,\\\"y\\\"\"}");
    private static final Row EVIL = new Row("e\n\u001b[0m,", 3, false, null, Instant.EPOCH, "{}");

    private record Row(
            String name,
            long waiting,
            boolean paused,
            @Nullable Duration oldestWait,
            Instant createdAt,
            String attributes) {}

    @Test
    void aTableIsForPeople() {
        assertThat(printed(console -> LISTING.print(console, Format.TABLE, List.of(CHESS, EVIL), "none")))
                .isEqualTo("""
                 pool name     | waiting | paused | oldest wait | seen      | attributes
                ---------------+---------+--------+-------------+-----------+------------------
                 chess         |      12 | yes    |       1m 1s | by people | {"a": "x,\\"y\\""}
                 e\\n\\u001b[0m, |       3 | no     |             | by people | {}
                """);
    }

    @Test
    void anEmptyTableSaysSo() {
        assertThat(printed(console -> LISTING.print(console, Format.TABLE, List.of(), "none yet")))
                .isEqualTo("none yet\n");
        assertThat(printed(console -> LISTING.print(console, Format.JSON, List.of(), "none yet")))
                .isEqualTo("[]\n");
        assertThat(printed(console -> LISTING.print(console, Format.CSV, List.of(), "none yet")))
                .isEqualTo("pool_name,waiting,paused,oldest_wait,created_at,breaches,attributes\n");
    }

    @Test
    void longValuesAreCutInATableAndNowhereElse() {
        Row wide = new Row("w", 1, false, null, Instant.EPOCH, "{\"a\": \"" + "x".repeat(100) + "\"}");

        assertThat(printed(console -> LISTING.print(console, Format.TABLE, List.of(wide), "")))
                .contains("xx…")
                .doesNotContain("x".repeat(80));
        assertThat(printed(console -> LISTING.printOne(console, Format.TABLE, wide)))
                .contains("x".repeat(100));
        assertThat(LISTING.line(Format.CSV, wide)).contains("x".repeat(100));
    }

    @Test
    void jsonHasAnObjectALine() {
        assertThat(printed(console -> LISTING.print(console, Format.JSON, List.of(CHESS, EVIL), "")))
                .isEqualTo("""
                [
                {"pool_name":"chess","waiting":12,"paused":true,"oldest_wait":61.25,\
                "created_at":"2026-05-01T10:00:00.123456Z","breaches":["one","two"],"attributes":{"a": "x,\\"y\\""}},
                {"pool_name":"e\\n\\u001B[0m,","waiting":3,"paused":false,"oldest_wait":null,\
                "created_at":"1970-01-01T00:00:00Z","breaches":["one","two"],"attributes":{}}
                ]
                """);
    }

    @Test
    void csvHasAHeaderAndQuotesWhatNeedsIt() {
        assertThat(printed(console -> LISTING.print(console, Format.CSV, List.of(CHESS), "")))
                .isEqualTo("""
                pool_name,waiting,paused,oldest_wait,created_at,breaches,attributes
                chess,12,true,61.25,2026-05-01T10:00:00.123456Z,one; two,"{""a"": ""x,\\""y\\""\""}"
                """);
    }

    @Test
    void oneRowStandsOnItsOwn() {
        assertThat(printed(console -> LISTING.printOne(console, Format.TABLE, CHESS)))
                .isEqualTo("""
                pool name    chess
                waiting      12
                paused       yes
                oldest wait  1m 1s
                seen         by people
                attributes   {"a": "x,\\"y\\""}
                """);
        assertThat(printed(console -> LISTING.printOne(console, Format.JSON, EVIL)))
                .startsWith("{\"pool_name\"");
    }

    @Test
    void rowsThatComeOneByOneStandUnderTheirHeader() {
        assertThat(LISTING.header(Format.TABLE) + LISTING.line(Format.TABLE, CHESS))
                .isEqualTo("""
                pool name  waiting   paused    oldest wait  seen      attributes
                chess      12        yes       1m 1s        by people  {"a": "x,\\"y\\""}
                """);
        assertThat(LISTING.header(Format.JSON)).isEmpty();
        assertThat(LISTING.line(Format.JSON, CHESS)).startsWith("{").endsWith("}\n");
    }

    @Test
    void durationsAreSecondsWithoutAnExponent() {
        assertThat(JsonText.seconds(Duration.ofSeconds(3_600)).toPlainString()).isEqualTo("3600");
        assertThat(JsonText.seconds(Duration.ofMillis(1)).toPlainString()).isEqualTo("0.001");
        assertThat(JsonText.seconds(Duration.ZERO).toPlainString()).isEqualTo("0");
    }

    private static String printed(Consumer<Console> work) {
        ByteArrayOutputStream results = new ByteArrayOutputStream();
        Console console = new Console(results, new ByteArrayOutputStream());
        work.accept(console);
        console.flush();
        return results.toString(StandardCharsets.UTF_8);
    }
}
