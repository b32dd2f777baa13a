package io.pgmatch.cli;

import io.pgmatch.cli.Column.Json;
import io.pgmatch.model.SimulationResult;
import io.pgmatch.model.SimulationResult.SimulatedPair;
import io.pgmatch.model.SimulationResult.SimulatedTask;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes what came of a simulation. */
final class SimulationReport {
    private static final int PAIRS_SHOWN_MAX = 1_000;
    private static final int LINES_SHOWN_MAX = 20;
    private static final MathContext FIGURES = new MathContext(6);
    private static final List<Integer> PERCENTILES = List.of(50, 95, 99);

    private static final Listing<SimulatedPair> PAIRS = new Listing<>(List.of(
            Column.forPeople("at", pair -> exact(pair.at())),
            Column.forPrograms("at", SimulatedPair::at),
            Column.of("first", pair -> pair.first().ref()),
            Column.of("second", pair -> pair.second().ref()),
            Column.forPeople("first_waited", pair -> exact(pair.firstWaited())),
            Column.forPrograms("first_waited", SimulatedPair::firstWaited),
            Column.forPeople("second_waited", pair -> exact(pair.secondWaited())),
            Column.forPrograms("second_waited", SimulatedPair::secondWaited),
            Column.of("gap", pair -> number(pair.gap()))));

    private static final Listing<SimulatedTask> WAITING =
            new Listing<>(List.of(Column.of("ref", SimulatedTask::ref), Column.of("arrived", SimulatedTask::arrived)));

    private final Console console;
    private final String name;

    SimulationReport(Console console, String name) {
        this.console = console;
        this.name = name;
    }

    /** What came of one run. */
    void print(Format format, SimulationResult result) {
        switch (format) {
            case TABLE -> printTable(result);
            case JSON -> console.line(whole().object(result));
            case CSV -> PAIRS.print(console, format, result.tasks().pairs(), "");
        }
    }

    /** What came of two runs, side by side. */
    void print(Format format, SimulationResult result, SimulationResult compared) {
        List<Figure> figures = figures(result, compared);
        if (format == Format.JSON) {
            console.line("{\"rule\": " + whole().object(result) + ",\n\"compare\": " + whole().object(compared) + "}");
            return;
        }
        Listing<Figure> listing = new Listing<>(List.of(
                Column.of("figure", Figure::name),
                Column.of("rule", Figure::value),
                Column.of("compare", Figure::compared)));
        if (format == Format.TABLE) {
            console.line(Words.oneLine(name));
        }
        listing.print(console, format, figures, "");
        if (format == Format.TABLE) {
            printDifferences(result);
        }
    }

    /** A figure of two runs. */
    private record Figure(
            String name, @Nullable String value, @Nullable String compared) {}

    private static List<Figure> figures(SimulationResult result, SimulationResult compared) {
        List<Figure> figures = new ArrayList<>();
        for (Row row : rows(result)) {
            figures.add(new Figure(
                    row.name(),
                    shown(row.value().apply(result)),
                    shown(row.value().apply(compared))));
        }
        return figures;
    }

    private record Row(String name, Function<SimulationResult, @Nullable Object> value) {}

    private static List<Row> rows(SimulationResult result) {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row("tasks", SimulationResult::arrived));
        rows.add(new Row("pairs", each -> each.tasks().pairs().size()));
        rows.add(new Row("match rate", each -> rate(each) + " %"));
        rows.add(new Row("waiting", each -> each.tasks().waiting().size()));
        rows.add(new Row("cancelled or expired", each -> each.tasks().retired()));
        rows.add(new Row("refused", each -> each.refused().size()));
        for (int percent : PERCENTILES) {
            rows.add(new Row(
                    "wait p" + percent,
                    each -> each.waitPercentile(percent)
                            .map(SimulationReport::exact)
                            .orElse(null)));
        }
        if (result.gapOf() != null) {
            for (int percent : PERCENTILES) {
                rows.add(new Row(
                        "gap of " + result.gapOf() + " p" + percent,
                        each -> number(each.gapPercentile(percent).orElse(null))));
            }
        }
        return rows;
    }

    private void printTable(SimulationResult result) {
        console.line(Words.oneLine(name));
        List<SimulatedPair> pairs = result.tasks().pairs();
        PAIRS.print(console, Format.TABLE, pairs.subList(0, Math.min(pairs.size(), PAIRS_SHOWN_MAX)), "no pairs");
        if (pairs.size() > PAIRS_SHOWN_MAX) {
            console.line("… and " + (pairs.size() - PAIRS_SHOWN_MAX) + " more: --format json or csv shows all");
        }
        console.line("");
        for (Row row : rows(result)) {
            String value = shown(row.value().apply(result));
            if (value != null) {
                console.line(row.name() + ": " + value);
            }
        }
        printLines(
                "left waiting at " + exact(result.ended())
                        + (result.asleep() == 0 ? "" : ", " + result.asleep() + " of them to be searched for again"),
                result.tasks().waiting().stream()
                        .map(task -> task.ref() + ", since " + exact(task.arrived()))
                        .toList());
        printLines("refused", result.refused());
        printDifferences(result);
    }

    private void printDifferences(SimulationResult result) {
        int expectations = result.judgement().expectations();
        List<String> differences = result.judgement().differences();
        if (expectations > 0 && differences.isEmpty()) {
            console.line(
                    expectations == 1 ? "the one expectation holds" : "all " + expectations + " expectations hold");
        }
        printLines("differences", differences);
    }

    private void printLines(String title, List<String> lines) {
        if (!lines.isEmpty()) {
            console.line(title + ":");
            lines.stream().limit(LINES_SHOWN_MAX).forEach(line -> console.line("  " + Words.oneLine(line)));
            if (lines.size() > LINES_SHOWN_MAX) {
                console.line("  … and " + (lines.size() - LINES_SHOWN_MAX) + " more");
            }
        }
    }

    private Listing<SimulationResult> whole() {
        return new Listing<>(summary(List.of(
                Column.of("name", result -> name),
                Column.of("pairs", result -> new Json(PAIRS.array(result.tasks().pairs()))),
                Column.of(
                        "waiting",
                        result -> new Json(WAITING.array(result.tasks().waiting()))),
                Column.of("refused", SimulationResult::refused))));
    }

    private static List<Column<SimulationResult>> summary(List<Column<SimulationResult>> before) {
        List<Column<SimulationResult>> columns = new ArrayList<>(before);
        columns.add(Column.of("tasks", SimulationResult::arrived));
        columns.add(Column.of("pair_count", result -> result.tasks().pairs().size()));
        columns.add(Column.of("match_rate_percent", result -> new Json(rate(result))));
        columns.add(Column.of("retired", result -> result.tasks().retired()));
        for (int percent : PERCENTILES) {
            columns.add(Column.of(
                    "wait_p" + percent, result -> result.waitPercentile(percent).orElse(null)));
        }
        columns.add(Column.of("gap_of", SimulationResult::gapOf));
        for (int percent : PERCENTILES) {
            columns.add(Column.of(
                    "gap_p" + percent,
                    result -> result.gapPercentile(percent)
                            .map(gap -> new Json(gap.toPlainString()))
                            .orElse(null)));
        }
        columns.add(Column.of("ended", SimulationResult::ended));
        columns.add(Column.of("asleep", SimulationResult::asleep));
        columns.add(Column.of("expectations", result -> result.judgement().expectations()));
        columns.add(Column.of("differences", result -> result.judgement().differences()));
        return columns;
    }

    private static String rate(SimulationResult result) {
        return BigDecimal.valueOf(Math.round(result.matchRate() * 10), 1).toPlainString();
    }

    private static @Nullable Json number(@Nullable BigDecimal value) {
        return value == null ? null : new Json(value.round(FIGURES).toPlainString());
    }

    /** Seconds as exact as they are, as virtual times are; from an hour on in larger units. */
    private static String exact(Duration duration) {
        return duration.toHours() > 0
                ? Durations.shown(duration)
                : JsonText.seconds(duration).toPlainString() + "s";
    }

    private static @Nullable String shown(@Nullable Object value) {
        return value == null ? null : value.toString();
    }
}
