package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class AddProgressTest {
    private static final AddTally.Counts COUNTS = new AddTally.Counts(1_234_000, 0, 567, 0);
    private static final int BYTES_MAX = 1_000_000;

    @Test
    void aFileShowsABarWithCountRateRefusedAndRemainingTimeInEightyColumns() {
        assertThat(AddProgress.line(79, 250_000, BYTES_MAX, COUNTS, 40))
                .isEqualTo(" 25% [======                  ] 1,234,567 tasks, 30,864/s, 567 refused, 2m left")
                .hasSizeLessThan(80);
    }

    @Test
    void aWideTerminalGetsABarOfFortyAndANarrowOneNone() {
        assertThat(AddProgress.line(200, BYTES_MAX / 2, BYTES_MAX, COUNTS, 40))
                .isEqualTo(" 50% [" + "=".repeat(20) + " ".repeat(20)
                        + "] 1,234,567 tasks, 30,864/s, 567 refused, 40s left");
        assertThat(AddProgress.line(60, BYTES_MAX / 2, BYTES_MAX, COUNTS, 40))
                .isEqualTo(" 50% 1,234,567 tasks, 30,864/s, 567 refused, 40s left");
    }

    @Test
    void noLineIsLongerThanTheTerminalIsWide() {
        for (int columns = 10; columns < 100; columns++) {
            for (long size : new long[] {-1, 0, BYTES_MAX}) {
                for (long read : new long[] {0, 1, BYTES_MAX, 2 * BYTES_MAX}) {
                    assertThat(AddProgress.line(columns, read, size, COUNTS, 40))
                            .hasSizeBetween(1, columns);
                }
            }
        }
    }

    @Test
    void aPipeShowsWhatCameAndHowLongItTook() {
        assertThat(AddProgress.line(79, 45_600_000, -1, COUNTS, 40))
                .isEqualTo("1,234,567 tasks, 30,864/s, 567 refused, 45.6 MB, 40s");
    }

    @Test
    void aNoteGoesAboveTheStatusWhichIsDrawnAnew() {
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        Console console = new Console(OutputStream.nullOutputStream(), errors);
        console.note("before");
        console.status("50%");
        console.note("line 7: no");
        console.status("60%");
        console.status("60%");
        console.status("");
        console.error("after");
        assertThat(errors.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n"))
                .isEqualTo("before\n\r\033[K50%\r\033[Kline 7: no\n50%\r\033[K60%\r\033[Kpgmatch: after\n");
    }
}
