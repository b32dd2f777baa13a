package io.pgmatch.cli;

import java.util.List;

/** What a command lists: its columns, and how they are written in each format. */
final class Listing<T> {
    private final List<Column<T>> columns;

    Listing(List<Column<T>> columns) {
        this.columns = List.copyOf(columns);
    }

    /**
     * Writes all rows: as a table, as a JSON array with an object a line, as CSV.
     *
     * @param ifEmpty what to tell people where there is no row
     */
    void print(Console console, Format format, List<T> rows, String ifEmpty) {
        switch (format) {
            case TABLE -> console.line(rows.isEmpty() ? ifEmpty : TextTable.of(columnsFor(Format.TABLE), rows));
            case JSON -> console.line(array(rows));
            case CSV -> {
                console.print(header(format));
                rows.forEach(row -> console.print(line(format, row)));
            }
        }
    }

    /** Writes one row: for people a line for each column, as JSON an object. */
    void printOne(Console console, Format format, T row) {
        switch (format) {
            case TABLE -> console.line(TextTable.ofOne(columnsFor(Format.TABLE), row));
            case JSON -> console.line(object(row));
            case CSV -> print(console, format, List.of(row), "");
        }
    }

    /** All rows as a table. */
    String table(List<T> rows) {
        return TextTable.of(columnsFor(Format.TABLE), rows);
    }

    /** What stands above rows that are written one by one, with its line break; may be empty. */
    String header(Format format) {
        return switch (format) {
            case TABLE -> TextTable.header(columnsFor(format)) + "\n";
            case JSON -> "";
            case CSV -> CsvText.header(columnsFor(format));
        };
    }

    /** One of the rows that are written one by one, with its line break. */
    String line(Format format, T row) {
        return switch (format) {
            case TABLE -> TextTable.line(columnsFor(format), row) + "\n";
            case JSON -> object(row) + "\n";
            case CSV -> CsvText.line(columnsFor(format), row);
        };
    }

    /** A row as a JSON object. */
    String object(T row) {
        return JsonText.object(columnsFor(Format.JSON), row);
    }

    /** Rows as a JSON array, an object a line. */
    String array(List<T> rows) {
        return JsonText.array(rows.stream().map(this::object).toList());
    }

    private List<Column<T>> columnsFor(Format format) {
        return columns.stream().filter(column -> column.isFor(format)).toList();
    }
}
