package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgmatch.model.PgmatchException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    @Test
    void readsTheLastOnesOfACommandLine() {
        byte[] commandLine = "java\0-jar\0x.jar\0add\0\0{\"é\": \"☃\"}\0".getBytes(StandardCharsets.UTF_8);

        assertThat(Arguments.last(commandLine, 3)).containsExactly("add", "", "{\"é\": \"☃\"}");
        assertThat(Arguments.last(commandLine, 0)).isEmpty();
    }

    @Test
    void refusesBytesThatAreNoText() {
        byte[] commandLine = {'j', 0, 'a', (byte) 0xED, (byte) 0xA0, (byte) 0x80, 0};

        assertThatThrownBy(() -> Arguments.last(commandLine, 1))
                .isInstanceOf(PgmatchException.class)
                .hasMessage("arguments: wanted text in UTF-8, got bytes that are not");
    }
}
