package io.pgmatch.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Figures as SVG: bars with whiskers from the lowest to the highest round, and lines with them. Drawn by hand and not by
 * a library: those take fixed colours, which suit light or dark but not both, and the fonts of the machine, of
 * which a server may have none. Colours are classes that the page defines.
 */
final class Chart {
    private static final int WIDTH = 860;
    private static final int LABEL_WIDTH = 270;
    private static final int VALUE_WIDTH = 110;
    private static final int ROW_HEIGHT = 26;
    private static final int BAR_HEIGHT = 14;
    private static final int LINES_MAX = 8;
    private static final int PLOT_HEIGHT = 260;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 14;
    private static final int BOTTOM = 44;
    private static final int LEGEND_HEIGHT = 18;

    /** How many times what they must stay below is plotted. */
    private static final double CUT_AT = 4;

    /** From this ratio of the largest to the smallest on, an axis is logarithmic. */
    private static final double LOGARITHMIC_FROM = 20;

    private final StringBuilder svg = new StringBuilder();

    private Chart() {}

    /** The charts of a run: one of bars for each unit; one of lines for each unit and eight lines. */
    static List<String> of(List<Figure> figures) {
        Map<String, List<Figure>> bars = new LinkedHashMap<>();
        Map<String, Map<String, List<Figure>>> lines = new LinkedHashMap<>();
        for (Figure figure : figures) {
            Figure.Place place = figure.place();
            if (place == null) {
                bars.computeIfAbsent(figure.unit(), key -> new ArrayList<>()).add(figure);
            } else {
                lines.computeIfAbsent(figure.unit(), key -> new LinkedHashMap<>())
                        .computeIfAbsent(place.line(), key -> new ArrayList<>())
                        .add(figure);
            }
        }
        List<String> charts = new ArrayList<>();
        bars.forEach((unit, those) -> charts.add(new Chart().bars(unit, those)));
        lines.forEach((unit, byName) -> {
            List<String> names = List.copyOf(byName.keySet());
            for (int from = 0; from < names.size(); from += LINES_MAX) {
                Map<String, List<Figure>> some = new LinkedHashMap<>();
                names.subList(from, Math.min(from + LINES_MAX, names.size()))
                        .forEach(name -> some.put(name, byName.get(name)));
                charts.add(new Chart().lines(unit, some));
            }
        });
        return charts;
    }

    private String bars(String unit, List<Figure> figures) {
        double most = figures.stream()
                .mapToDouble(figure -> Math.max(figure.max(), bound(figure)))
                .max()
                .orElseThrow();
        most = Math.min(most, cut(figures));
        double scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / (most <= 0 ? 1 : most);
        open(figures.size() * ROW_HEIGHT + 24, unit);
        for (int i = 0; i < figures.size(); i++) {
            bar(figures.get(i), i * ROW_HEIGHT, scale, most);
        }
        int bottom = figures.size() * ROW_HEIGHT;
        line("axis", LABEL_WIDTH, 0, LABEL_WIDTH, bottom);
        text("unit", LABEL_WIDTH, bottom + 16, "start", unit);
        return close();
    }

    /** Where bars are cut off that are far beyond what they must stay below, lest they dwarf the others. */
    private static double cut(List<Figure> figures) {
        double highest = 0;
        for (Figure figure : figures) {
            Target target = figure.target();
            if (target == null || target.atLeast()) {
                return Double.POSITIVE_INFINITY;
            }
            highest = Math.max(highest, target.bound());
        }
        return CUT_AT * highest;
    }

    private void bar(Figure figure, int top, double scale, double most) {
        double middle = top + ROW_HEIGHT / 2.0;
        double x = LABEL_WIDTH;
        text("label", x - 8, middle + 4, "end", figure.name());
        String style = figure.reached() == null ? "bar" : figure.reached() ? "bar good" : "bar bad";
        svg.append("<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%d\"/>\n"
                .formatted(
                        style,
                        at(x),
                        at(middle - BAR_HEIGHT / 2.0),
                        at(Math.min(figure.median(), most) * scale),
                        BAR_HEIGHT));
        whisker(x + Math.min(figure.min(), most) * scale, middle, x + Math.min(figure.max(), most) * scale, middle);
        Target target = figure.target();
        if (target != null) {
            double bound = x + target.bound() * scale;
            line("target", bound, top + 2, bound, top + ROW_HEIGHT - 2);
        }
        double end = x + Math.min(Math.max(figure.max(), bound(figure)), most) * scale;
        text(
                "value",
                end + 8,
                middle + 4,
                "start",
                (figure.median() > most ? "… " : "") + Figure.shown(figure.median()));
    }

    private String lines(String unit, Map<String, List<Figure>> lines) {
        List<Figure> all = lines.values().stream().flatMap(List::stream).toList();
        List<Double> places = all.stream().map(Chart::x).distinct().sorted().toList();
        Axis across = Axis.of(places.get(0), places.get(places.size() - 1), LEFT, WIDTH - RIGHT);
        double least = all.stream().mapToDouble(Figure::min).min().orElseThrow();
        double most = all.stream().mapToDouble(Figure::max).max().orElseThrow();
        boolean logarithmic = least > 0 && most / least >= LOGARITHMIC_FROM;
        Axis up = Axis.of(logarithmic ? least / 1.2 : 0, most <= 0 ? 1 : most * 1.1, TOP + PLOT_HEIGHT, TOP);
        int bottom = TOP + PLOT_HEIGHT;
        open(bottom + BOTTOM + LEGEND_HEIGHT * lines.size(), unit);
        for (double tick : up.ticks()) {
            line("grid", LEFT, up.at(tick), WIDTH - RIGHT, up.at(tick));
            text("value", LEFT - 6, up.at(tick) + 4, "end", Figure.shown(tick));
        }
        for (double place : places) {
            text("value", across.at(place), bottom + 16, "middle", Figure.shown(place));
        }
        line("axis", LEFT, bottom, WIDTH - RIGHT, bottom);
        text("unit", LEFT, bottom + 34, "start", unit + (logarithmic ? ", logarithmic" : ""));
        int number = 0;
        for (Map.Entry<String, List<Figure>> entry : lines.entrySet()) {
            String style = "line line" + number;
            StringBuilder points = new StringBuilder();
            for (Figure figure : entry.getValue()) {
                double x = across.at(x(figure));
                whisker(x, up.at(figure.min()), x, up.at(figure.max()));
                points.append(at(x))
                        .append(',')
                        .append(at(up.at(figure.median())))
                        .append(' ');
            }
            svg.append("<polyline class=\"%s\" points=\"%s\"/>\n"
                    .formatted(style, points.toString().strip()));
            double legend = bottom + BOTTOM + LEGEND_HEIGHT * number;
            line(style, LEFT, legend, LEFT + 28, legend);
            text("label", LEFT + 36, legend + 4, "start", entry.getKey());
            number++;
        }
        return close();
    }

    /** Where values lie between two edges. */
    private record Axis(double low, double high, double from, double to, boolean logarithmic) {
        static Axis of(double low, double high, double from, double to) {
            boolean logarithmic = low > 0 && high / low >= LOGARITHMIC_FROM;
            return new Axis(low, high > low ? high : low + 1, from, to, logarithmic);
        }

        double at(double value) {
            double share = logarithmic
                    ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
                    : (value - low) / (high - low);
            return from + share * (to - from);
        }

        List<Double> ticks() {
            List<Double> ticks = new ArrayList<>();
            if (logarithmic) {
                for (double tick = Math.pow(10, Math.ceil(Math.log10(low))); tick <= high; tick *= 10) {
                    ticks.add(tick);
                }
                return ticks;
            }
            double step = Math.pow(10, Math.floor(Math.log10(high - low)));
            double wide = (high - low) / step > 5 ? step : step / 2;
            for (int i = 0; low + i * wide <= high; i++) {
                ticks.add(low + i * wide);
            }
            return ticks;
        }
    }

    private static double x(Figure figure) {
        Figure.Place place = figure.place();
        return place == null ? 0 : place.x();
    }

    private static double bound(Figure figure) {
        Target target = figure.target();
        return target == null ? 0 : target.bound();
    }

    private void open(int height, String title) {
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">\n<title>%s</title>\n"
                .formatted(WIDTH, height, Report.escaped(title)));
    }

    private String close() {
        return svg.append("</svg>\n").toString();
    }

    private void whisker(double x1, double y1, double x2, double y2) {
        line("whisker", x1, y1, x2, y2);
        boolean level = y1 == y2;
        for (double[] end : new double[][] {{x1, y1}, {x2, y2}}) {
            line(
                    "whisker",
                    end[0] - (level ? 0 : 4),
                    end[1] - (level ? 4 : 0),
                    end[0] + (level ? 0 : 4),
                    end[1] + (level ? 4 : 0));
        }
    }

    private void line(String style, double x1, double y1, double x2, double y2) {
        svg.append("<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n"
                .formatted(style, at(x1), at(y1), at(x2), at(y2)));
    }

    private void text(String style, double x, double y, String anchor, String text) {
        svg.append("<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n"
                .formatted(style, at(x), at(y), anchor, Report.escaped(text)));
    }

    private static String at(double coordinate) {
        return String.format(Locale.ROOT, "%.1f", coordinate);
    }
}
