package io.pgmatch.cli;

import picocli.CommandLine.Option;

/** The option of commands that list something. */
final class FormatOption {
    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            converter = Format.Converter.class,
            description = "table (for people), json or csv (for programs); default: table.")
    private Format format = Format.TABLE;

    Format get() {
        return format;
    }
}
