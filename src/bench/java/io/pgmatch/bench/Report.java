package io.pgmatch.bench;

import io.pgmatch.model.PgmatchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@code bench all} leaves behind: {@code report.html}, one file with everything in it, and {@code bench.json}
 * with the value of every round.
 */
public final class Report {
    private static final String STYLE = """
            :root { color-scheme: light dark; --text: #1c2024; --dim: #60646c; --back: #fff; --line: #d9d9e0;
              --bar: #5b8def; --good: #2f9e66; --bad: #d9544f; --target: #1c2024;
              --c0: #2563eb; --c1: #d97706; --c2: #059669; --c3: #db2777;
              --c4: #7c3aed; --c5: #0891b2; --c6: #b45309; --c7: #64748b; }
            @media (prefers-color-scheme: dark) { :root { --text: #edeef0; --dim: #a0a4ab; --back: #18191b;
              --line: #3a3c42; --bar: #6d9bf5; --good: #4cc38a; --bad: #f2726c; --target: #edeef0;
              --c0: #7aa7ff; --c1: #fbbf24; --c2: #34d399; --c3: #f472b6;
              --c4: #a78bfa; --c5: #22d3ee; --c6: #f59e0b; --c7: #94a3b8; } }
            body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back);
              max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
            table { border-collapse: collapse; margin: 1rem 0; font-size: 14px; }
            th, td { border-bottom: 1px solid var(--line); padding: .2rem .8rem .2rem 0; text-align: left; }
            td.number { text-align: right; font-variant-numeric: tabular-nums; }
            td.yes { color: var(--good); } td.no { color: var(--bad); font-weight: 600; }
            code { font-size: 13px; } .dim { color: var(--dim); }
            svg { width: 100%; height: auto; margin: .5rem 0; font: 12px system-ui, sans-serif; }
            svg text { fill: var(--text); } svg .unit, svg .value { fill: var(--dim); }
            svg .bar { fill: var(--bar); } svg .good { fill: var(--good); } svg .bad { fill: var(--bad); }
            svg .whisker { stroke: var(--text); stroke-width: 1; } svg .axis { stroke: var(--dim); }
            svg .grid { stroke: var(--line); } svg .target { stroke: var(--target); stroke-dasharray: 3 2;
              stroke-width: 2; }
            svg .line { fill: none; stroke-width: 2; }
            svg .line0 { stroke: var(--c0); } svg .line1 { stroke: var(--c1); } svg .line2 { stroke: var(--c2); }
            svg .line3 { stroke: var(--c3); } svg .line4 { stroke: var(--c4); } svg .line5 { stroke: var(--c5); }
            svg .line6 { stroke: var(--c6); } svg .line7 { stroke: var(--c7); }
            """;

    private final Path directory;

    /** A report in that directory, which is made if it is not there. */
    public Report(Path directory) {
        this.directory = directory;
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Where the page is. */
    public Path page() {
        return directory.resolve("report.html");
    }

    /** Writes what there is so far, over what was written before. */
    public void write(Machine machine, List<BenchRun> runs) {
        try {
            Files.writeString(directory.resolve("bench.json"), BenchJson.of(machine, runs) + "\n");
            Files.writeString(page(), html(machine, runs));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Text as it may stand in a page. */
    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private PgmatchException failed(IOException e) {
        return new PgmatchException(
                "--report: cannot write to " + directory + " (" + e.getClass().getSimpleName() + ": " + e.getMessage()
                        + "); give a directory that you may write",
                e);
    }

    private static String html(Machine machine, List<BenchRun> runs) {
        StringBuilder page = new StringBuilder("""
                <!DOCTYPE html>
                <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
                <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <title>pgmatch: what was measured</title>
                <style>
                %s</style>
                </head>
                <body>
                <h1>pgmatch: what was measured</h1>
                <p>Ratios within a run on one machine are what counts; absolute figures stand beside them for colour.
                Each figure is the median of its rounds; whiskers reach from the lowest round to the highest, dashed
                lines are what must be reached.</p>
                """.formatted(STYLE));
        targets(page, runs);
        page.append("<h2>The machine</h2>\n<table>\n");
        machine.facts()
                .forEach((name, value) ->
                        page.append("<tr><td>%s</td><td>%s</td></tr>\n".formatted(escaped(name), escaped(value))));
        page.append("</table>\n");
        runs.forEach(run -> section(page, run));
        return page.append("</body>\n</html>\n").toString();
    }

    private static void targets(StringBuilder page, List<BenchRun> runs) {
        page.append("<h2>What must be reached</h2>\n<table>\n<tr><th>scenario</th><th>figure</th><th>must reach</th>"
                + "<th>median</th><th>lowest</th><th>highest</th><th>reached</th></tr>\n");
        for (BenchRun run : runs) {
            for (Figure figure : run.figures()) {
                if (figure.target() != null) {
                    page.append("<tr><td>%s</td><td>%s, %s</td><td>%s</td>%s%s</tr>\n"
                            .formatted(
                                    escaped(run.title()),
                                    escaped(figure.name()),
                                    escaped(figure.unit()),
                                    escaped(figure.target().toString()),
                                    numbers(figure),
                                    Boolean.TRUE.equals(figure.reached())
                                            ? "<td class=\"yes\">yes</td>"
                                            : "<td class=\"no\">no</td>"));
                }
            }
            if (run.failure() != null) {
                page.append("<tr><td>%s</td><td colspan=\"5\">%s</td><td class=\"no\">failed</td></tr>\n"
                        .formatted(escaped(run.title()), escaped(run.failure())));
            }
        }
        page.append("</table>\n");
    }

    private static void section(StringBuilder page, BenchRun run) {
        page.append("<h2>%s</h2>\n<p><code>%s</code> <span class=\"dim\">%d s in all</span></p>\n"
                .formatted(
                        escaped(run.title()), escaped(run.command()), run.took().toSeconds()));
        if (run.failure() != null) {
            page.append("<p>Failed: %s</p>\n".formatted(escaped(run.failure())));
            return;
        }
        Chart.of(run.figures()).forEach(page::append);
        run.notes().forEach(note -> page.append("<p class=\"dim\">%s</p>\n".formatted(escaped(note))));
        page.append("<details><summary>Figures</summary>\n<table>\n<tr><th>figure</th><th>median</th><th>lowest</th>"
                + "<th>highest</th><th>unit</th><th>rounds</th></tr>\n");
        for (Figure figure : run.figures()) {
            page.append("<tr><td>%s</td>%s<td>%s</td><td class=\"number\">%d</td></tr>\n"
                    .formatted(
                            escaped(figure.name()),
                            numbers(figure),
                            escaped(figure.unit()),
                            figure.values().size()));
        }
        page.append("</table>\n</details>\n");
    }

    private static String numbers(Figure figure) {
        StringBuilder cells = new StringBuilder();
        for (double value : new double[] {figure.median(), figure.min(), figure.max()}) {
            cells.append("<td class=\"number\">").append(Figure.shown(value)).append("</td>");
        }
        return cells.toString();
    }
}
