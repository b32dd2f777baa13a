package io.pgmatch.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows as tables for people: long values are cut, control characters shown as escapes. */
final class TextTable {
    private static final int CELL_MAX = 80;
    private static final String GAP = "  ";

    private TextTable() {}

    /** All rows under a header. */
    static <T> String of(List<Column<T>> columns, List<T> rows) {
        List<ColumnData<T>> data =
                columns.stream().map(column -> column(column, rows)).toList();
        return AsciiTable.builder()
                .border(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS_NO_OUTSIDE_BORDER)
                .lineSeparator("\n")
                .data(rows, data)
                .asString()
                .lines()
                .map(String::stripTrailing)
                .collect(Collectors.joining("\n"));
    }

    /** One row, a line for each of its columns, in full. */
    static <T> String ofOne(List<Column<T>> columns, T row) {
        int width = columns.stream()
                .mapToInt(column -> column.title().length())
                .max()
                .orElse(0);
        return columns.stream()
                .map(column -> padded(column.title(), width)
                        + GAP
                        + Words.oneLine(shown(column.value().apply(row))))
                .map(String::stripTrailing)
                .collect(Collectors.joining("\n"));
    }

    /** The header of rows that come one by one. */
    static <T> String header(List<Column<T>> columns) {
        return columns.stream()
                .map(column -> padded(column.title(), column.width()))
                .collect(Collectors.joining(GAP))
                .stripTrailing();
    }

    /** One of those rows; its columns are as wide as the header, or wider. */
    static <T> String line(List<Column<T>> columns, T row) {
        return columns.stream()
                .map(column -> padded(
                        cell(column.value().apply(row)),
                        Math.max(column.width(), column.title().length())))
                .collect(Collectors.joining(GAP))
                .stripTrailing();
    }

    private static <T> ColumnData<T> column(Column<T> column, List<T> rows) {
        boolean number = rows.stream().allMatch(row -> {
            Object value = column.value().apply(row);
            return value == null || value instanceof Number || value instanceof Duration;
        });
        return new com.github.freva.asciitable.Column()
                .header(column.title())
                .headerAlign(HorizontalAlign.LEFT)
                .dataAlign(number ? HorizontalAlign.RIGHT : HorizontalAlign.LEFT)
                .maxWidth(CELL_MAX + 2, OverflowBehaviour.ELLIPSIS_RIGHT)
                .with(row -> cell(column.value().apply(row)));
    }

    private static String cell(@Nullable Object value) {
        return Words.cut(Words.oneLine(shown(value)), CELL_MAX);
    }

    private static String shown(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof Boolean truth) {
            return truth ? "yes" : "no";
        }
        if (value instanceof Duration duration) {
            return Durations.shown(duration);
        }
        if (value instanceof Instant instant) {
            return instant.truncatedTo(ChronoUnit.SECONDS).toString();
        }
        if (value instanceof List<?> values) {
            return values.stream().map(String::valueOf).collect(Collectors.joining("; "));
        }
        return value.toString();
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
