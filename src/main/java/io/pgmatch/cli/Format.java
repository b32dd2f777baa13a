package io.pgmatch.cli;

import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How a listing is written. */
enum Format {
    /** For people. */
    TABLE,
    /** For programs: snake_case names, ISO 8601 times, durations in seconds. */
    JSON,
    /** For spreadsheets: a header, then a line for each row; the values of JSON. */
    CSV;

    /** Reads the name of a format. */
    static final class Converter implements ITypeConverter<Format> {
        @Override
        public Format convert(String text) {
            return Arrays.stream(values())
                    .filter(format -> format.name().equalsIgnoreCase(text))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("wanted table, json or csv, got \"" + text + "\""));
        }
    }
}
