package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ValueReaderTest {
    @Test
    void numbersAreExactAndBounded() throws IOException {
        assertThat(read("0.1", Type.NUMBER)).isEqualTo(new BigDecimal("0.1"));
        assertThat(read("1e100", Type.NUMBER)).isEqualTo(BigDecimal.TEN.pow(100));
        assertThat(read("-1e100", Type.NUMBER)).isNotNull();
        assertThat(read("1.000001e100", Type.NUMBER)).isNull();
        assertThat(read("1e-100", Type.NUMBER)).isNotNull();
        assertThat(read("1e-101", Type.NUMBER)).isNull();
        assertThat(read("0." + "0".repeat(5_000), Type.NUMBER)).isEqualTo(BigDecimal.ZERO);
        assertThat(read("1e999999999", Type.NUMBER)).isNull();
        assertThat(read("1e99999999999", Type.NUMBER)).isNull();
        assertThat(read("1e-99999999999", Type.NUMBER)).isNull();
        assertThat(read("\"1\"", Type.NUMBER)).isNull();
        assertThat(read("true", Type.NUMBER)).isNull();
    }

    @Test
    void timesAreIso8601WithinTheDatabasesBounds() {
        assertThat(ValueReader.instant("2026-05-01")).isEqualTo(Instant.parse("2026-05-01T00:00:00Z"));
        assertThat(ValueReader.instant("2026-05-01T10:00")).isEqualTo(Instant.parse("2026-05-01T10:00:00Z"));
        assertThat(ValueReader.instant("2026-05-01T10:00:00.123456Z"))
                .isEqualTo(Instant.parse("2026-05-01T10:00:00.123456Z"));
        assertThat(ValueReader.instant("2026-05-01T10:00+02:00")).isEqualTo(Instant.parse("2026-05-01T08:00:00Z"));
        assertThat(ValueReader.instant("2026-05-01T10:00-14:59")).isEqualTo(Instant.parse("2026-05-02T00:59:00Z"));
        assertThat(ValueReader.instant("9999-12-31T23:59:59.999999-1459")).isNotNull();
        for (String wrong : new String[] {
            "yesterday",
            "",
            "2026-5-1",
            "2026-02-29",
            "2026-13-01",
            "0000-01-01",
            "2026-05-01T24:00",
            "2026-05-01T10:60",
            "2026-05-01T10:00:60",
            "2026-05-01T10:00:00.1234567",
            "2026-05-01T10:00:00.",
            "2026-05-01T10:00+15:00",
            "2026-05-01T10:00+01:60",
            "2026-05-01Z",
            "2026-05-01 10:00",
            "2026-05-01\n",
            "٢٠٢٦-05-01",
            "infinity",
            "now"
        }) {
            assertThat(ValueReader.instant(wrong)).as(wrong).isNull();
        }
    }

    @Test
    void setsHoldTextsAndNumbers() throws IOException {
        assertThat(read("[\"a\", 1, 1.0]", Type.SET)).isEqualTo(Set.of("a", BigDecimal.ONE));
        assertThat(read("[]", Type.SET)).isEqualTo(Set.of());
        for (String wrong : new String[] {"[null]", "[true]", "[[]]", "[{}]", "[1e101]", "\"a\"", "{}"}) {
            assertThat(read(wrong, Type.SET)).as(wrong).isNull();
        }
    }

    @Test
    void rangesAreTwoBoundsInOrder() throws IOException {
        assertThat(read("[10, 20.50]", Type.RANGE)).isEqualTo(new Range(BigDecimal.TEN, new BigDecimal("20.5")));
        assertThat(read("[null, null]", Type.RANGE)).isEqualTo(new Range(null, null));
        assertThat(read("[5, 5]", Type.RANGE)).isNotNull();
        for (String wrong : new String[] {"[]", "[1]", "[1, 2, 3]", "[2, 1]", "[\"a\", 1]", "[1, 1e101]", "{}", "1"}) {
            assertThat(read(wrong, Type.RANGE)).as(wrong).isNull();
        }
    }

    @Test
    void textsAndBooleansAreOnlyThemselves() throws IOException {
        assertThat(read("\"\"", Type.TEXT)).isEqualTo("");
        assertThat(read("1", Type.TEXT)).isNull();
        assertThat(read("false", Type.BOOLEAN)).isEqualTo(false);
        assertThat(read("\"true\"", Type.BOOLEAN)).isNull();
    }

    private static @Nullable Object read(String json, Type type) throws IOException {
        try (JsonParser parser = RuleJson.parser(json)) {
            parser.nextToken();
            return ValueReader.read(parser, type);
        }
    }
}
