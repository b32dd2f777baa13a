package io.pgmatch.cli;

import io.pgmatch.bench.BenchJson;
import io.pgmatch.bench.BenchRun;
import io.pgmatch.bench.Figure;
import io.pgmatch.bench.Machine;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Prints what a run yielded. */
final class BenchOutput {
    private static final Listing<Row> LISTING = new Listing<>(List.of(
            Column.of("scenario", Row::scenario),
            Column.of("figure", row -> row.figure().name()),
            Column.of("median", row -> number(row.figure().median())),
            Column.of("min", row -> number(row.figure().min())),
            Column.of("max", row -> number(row.figure().max())),
            Column.of("unit", row -> row.figure().unit()),
            Column.of("rounds", row -> row.figure().values().size()),
            Column.of("must_reach", row -> Objects.toString(row.figure().target(), "")),
            Column.of("reached", row -> row.figure().reached())));

    private record Row(String scenario, Figure figure) {}

    private BenchOutput() {}

    /** Prints a run. */
    static void print(Console console, Format format, BenchRun run, Machine machine) {
        if (format == Format.JSON) {
            console.line(BenchJson.of(machine, run));
            return;
        }
        LISTING.print(console, format, rows(run, run.scenario()), "no figures");
        if (format == Format.TABLE) {
            console.line("");
            run.notes().forEach(console::line);
            console.line("");
            machine.facts().forEach((name, value) -> console.line(name + ": " + value));
        }
    }

    /** Prints several runs; for people only what must be reached. */
    static void print(Console console, Format format, Machine machine, List<BenchRun> runs) {
        if (format == Format.JSON) {
            console.line(BenchJson.of(machine, runs));
            return;
        }
        List<Row> rows = runs.stream()
                .flatMap(run -> rows(run, run.title()).stream())
                .filter(row -> format != Format.TABLE || row.figure().target() != null)
                .toList();
        LISTING.print(console, format, rows, "no figures");
    }

    private static List<Row> rows(BenchRun run, String title) {
        return run.figures().stream().map(figure -> new Row(title, figure)).toList();
    }

    private static @Nullable Object number(double value) {
        return Figure.shown(value);
    }
}
