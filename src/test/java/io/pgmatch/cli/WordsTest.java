package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WordsTest {
    @Test
    void controlCharactersBecomeEscapes() {
        assertThat(Words.oneLine("a\nb\tc\u001b[31m\r\u0085é😀")).isEqualTo("a\\nb\\tc\\u001b[31m\\u000d\\u0085é😀");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unexpected argument postgresql://u:secret@h/d",
                "postgres://:secret@h",
                "jdbc:postgresql://u:sec/secret@t@h:1,i:2/d",
                "jdbc:postgresql://h/d?user=u&password=secret&x=y",
                "host=h password=secret user=u"
            })
    void passwordsAreLeftOut(String text) {
        assertThat(Words.withoutSecrets(text)).doesNotContain("sec").contains("…");
    }

    @Test
    void aUrlWithoutAPasswordStays() {
        String text = "cannot connect to postgresql://u@h:5432/d: Connection refused";

        assertThat(Words.withoutSecrets(text)).isEqualTo(text);
    }

    @Test
    void longTextIsCutBetweenCharacters() {
        assertThat(Words.cut("😀😀😀😀", 3)).isEqualTo("😀😀…");
        assertThat(Words.cut("abc", 3)).isEqualTo("abc");
    }

    @Test
    void oneThingIsSingular() {
        assertThat(Words.count(1, "task")).isEqualTo("1 task");
        assertThat(Words.count(0, "task")).isEqualTo("0 tasks");
        assertThat(Words.count(2, "breach", "breaches")).isEqualTo("2 breaches");
    }
}
