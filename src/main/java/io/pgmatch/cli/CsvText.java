package io.pgmatch.cli;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.jspecify.annotations.Nullable;

/** Rows as CSV. */
final class CsvText {
    private static final CSVFormat FORMAT = CSVFormat.RFC4180;
    private static final String LINE_END = "\n";

    private CsvText() {}

    /** The names of the columns, with a line break. */
    static <T> String header(List<Column<T>> columns) {
        return FORMAT.format(columns.stream().map(Column::name).toArray()) + LINE_END;
    }

    /** A row, with a line break. */
    static <T> String line(List<Column<T>> columns, T row) {
        return FORMAT.format(columns.stream()
                        .map(column -> cell(column.value().apply(row)))
                        .toArray())
                + LINE_END;
    }

    private static String cell(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof Duration duration) {
            return JsonText.seconds(duration).toPlainString();
        }
        if (value instanceof List<?> values) {
            return values.stream().map(String::valueOf).collect(Collectors.joining("; "));
        }
        return value.toString();
    }
}
