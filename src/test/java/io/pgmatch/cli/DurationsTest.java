package io.pgmatch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DurationsTest {
    private final Durations durations = new Durations();

    @ParameterizedTest
    @CsvSource({"500ms,PT0.5S", "30s,PT30S", "5m,PT5M", "2h,PT2H", "1d,PT24H", "0s,PT0S", "36500d,PT876000H"})
    void readsANumberAndAUnit(String text, Duration expected) {
        assertThat(durations.convert(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "5x", "-5s", "1.5s", "5 s", "5S", "1h30m", "99999999999999s", "٣s"})
    void refusesWhatIsNoDuration(String text) {
        assertThatThrownBy(() -> durations.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("wanted a duration such as 500ms, 30s, 5m, 2h or 1d, got \"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"36501d", "9999999999999h", "9999999999999d"})
    void refusesWhatIsTooLong(String text) {
        assertThatThrownBy(() -> durations.convert(text)).hasMessageContaining("at most 36500d");
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S,0s",
        "PT0.25S,250ms",
        "PT1.9S,1s",
        "PT59S,59s",
        "PT60S,1m",
        "PT61S,1m 1s",
        "PT3H,3h",
        "PT3H20M5S,3h 20m",
        "PT24H,1d",
        "PT50H,2d 2h",
        "PT-5S,0s"
    })
    void showsTheTwoLargestUnits(Duration duration, String expected) {
        assertThat(Durations.shown(duration)).isEqualTo(expected);
    }

    @Test
    void theLargestLongOverflowsNothing() {
        assertThatThrownBy(() -> durations.convert("9999999999999d")).isInstanceOf(TypeConversionException.class);
    }
}
