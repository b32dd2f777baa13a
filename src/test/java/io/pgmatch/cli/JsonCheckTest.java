package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgmatch.model.PgmatchException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCheckTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                " {\"a\": [1, -2.5e10, true, null, \"é😀\"]} ",
                "{\"a\": \"\\ud83d\\ude00\"}",
                "{\"a\": 1e131071}",
                "[]",
                "1",
                "{\"a\": 1, \"a\": 2}"
            })
    void letsInWhatTheDatabaseCanStore(String json) {
        assertThatCode(() -> JsonCheck.requireStorable("attributes", json)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\": NaN}|attributes: wanted JSON, got an error at line 1, column 10: Non-standard token 'NaN'",
                "{\"a\": -Infinity}|Non-standard token '-Infinity'",
                "{\"a\": 1} x|attributes: wanted JSON, got an error at line 1, column 10",
                "{\"a\": 1}{}|attributes: wanted JSON, got something more after its end, at line 1, column 9",
                "1 2|something more after its end, at line 1, column 3",
                "{\"a\":|attributes: wanted JSON, got an error at line 1",
                "{\"a\": 01}|attributes: wanted JSON, got an error at line 1",
                "{'a': 1}|attributes: wanted JSON, got an error at line 1",
                "{\"a\": \"x\\u0000\"}|attributes at /a: wanted text without \\u0000, got one",
                "{\"\\u0000\": 1}|wanted text without \\u0000, got one",
                "{\"a\": \"\\ud800\"}|attributes at /a: wanted Unicode text, got half a surrogate pair, \\ud800",
                "{\"a\": [\"\\udc00x\"]}|attributes at /a/0: wanted Unicode text, got half a surrogate pair, \\udc00",
                "{\"\\ud800\": 1}|surrogate",
                "{\"a\": 1e131072}|attributes at /a: wanted a number that PostgreSQL can store, got 1e131072",
                "{\"a\": 1e-16384}|wanted a number that PostgreSQL can store",
                "{\"a\": 1e99999999999}|wanted a number that PostgreSQL can store, got 1e99999999999",
                "` `|attributes: wanted a JSON object, got nothing"
            })
    void refusesTheRestInOneLine(String json, String message) {
        assertThatThrownBy(() -> JsonCheck.requireStorable("attributes", json))
                .isInstanceOf(PgmatchException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void refusesNestingBeyondItsOwnReach() {
        assertThatThrownBy(() -> JsonCheck.requireStorable("attributes", "[".repeat(1_001) + "]".repeat(1_001)))
                .hasMessage("attributes: wanted at most 64 levels of nesting, got more");
    }

    @Test
    void refusesANumberOfAMillionDigits() {
        assertThatThrownBy(() -> JsonCheck.requireStorable("attributes", "1".repeat(1_000_000)))
                .hasMessageContaining("wanted a number that PostgreSQL can store, got 1111");
    }
}
