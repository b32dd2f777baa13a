package io.pgmatch.cli;

import io.pgmatch.model.Pair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The live table of the demo. On a terminal it is drawn over again; elsewhere, a line a second.
 *
 * <p>Used by one thread.
 */
final class DemoDisplay {
    private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
    private static final long LINE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long RATE_NANOS = Duration.ofSeconds(1).toNanos();

    private final Console console;
    private final boolean terminal;
    private final Map<Long, Long> pairsByProcess = new TreeMap<>();
    private long pairs;
    private long lastDrawnNanos;
    private int linesDrawn;
    private long rateSinceNanos = System.nanoTime();
    private long rateSincePairs;
    private long pairsPerSecond;

    DemoDisplay(Console console, boolean terminal) {
        this.console = console;
        this.terminal = terminal;
    }

    /** A row of the table. */
    private record Row(String matcher, String state, long pairs) {}

    private static final Listing<Row> LISTING = new Listing<>(List.of(
            Column.of("matcher", Row::matcher), Column.of("state", Row::state), Column.of("pairs", Row::pairs)));

    /** Counts a pair that was committed, for the process that made it. */
    void count(Pair pair) {
        pairs++;
        String name = pair.matchedBy();
        long process = Long.parseLong(name.substring(name.lastIndexOf(':') + 1));
        pairsByProcess.merge(process, 1L, Long::sum);
    }

    long pairs() {
        return pairs;
    }

    /** Draws, unless it was drawn a moment ago. */
    void draw(long waiting, DemoMatchers matchers) {
        long now = System.nanoTime();
        if (now - rateSinceNanos >= RATE_NANOS) {
            pairsPerSecond = Math.round((pairs - rateSincePairs) * 1e9 / (now - rateSinceNanos));
            rateSinceNanos = now;
            rateSincePairs = pairs;
        }
        if (now - lastDrawnNanos < (terminal ? REDRAW_NANOS : LINE_NANOS)) {
            return;
        }
        lastDrawnNanos = now;
        if (terminal) {
            drawOver(table(waiting, matchers));
        } else {
            console.line(summary(waiting) + "; by matcher: " + byMatcher(matchers));
            console.flush();
        }
    }

    /** Tells of an event; the table goes on below it. */
    void tell(String text) {
        console.line(text);
        console.flush();
        linesDrawn = 0;
    }

    private void drawOver(String table) {
        // Up over what was drawn before, and clear from there to the end of the screen.
        String back = linesDrawn == 0 ? "" : "\033[" + linesDrawn + "F\033[J";
        console.print(back + table + "\n");
        console.flush();
        linesDrawn = (int) table.lines().count();
    }

    private String table(long waiting, DemoMatchers matchers) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < matchers.count(); i++) {
            rows.add(new Row(
                    (i + 1) + " (process " + matchers.processId(i) + ")",
                    matchers.isAlive(i) ? "runs" : "killed",
                    pairsBy(matchers.processId(i))));
        }
        return LISTING.table(rows) + "\n" + summary(waiting);
    }

    private String summary(long waiting) {
        return "waiting " + waiting + ", pairs " + pairs + ", " + pairsPerSecond + " pairs/s";
    }

    private String byMatcher(DemoMatchers matchers) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < matchers.count(); i++) {
            text.append(i == 0 ? "" : ", ").append(pairsBy(matchers.processId(i)));
            text.append(matchers.isAlive(i) ? "" : " (killed)");
        }
        return text.toString();
    }

    private long pairsBy(long process) {
        return pairsByProcess.getOrDefault(process, 0L);
    }
}
