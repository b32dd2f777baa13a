package io.pgmatch.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs as JSON, every value of every round included. */
public final class BenchJson {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private BenchJson() {}

    /** One run, and what it was measured on. */
    public static String of(Machine machine, BenchRun run) {
        Map<String, Object> object = run(run);
        object.put("machine", machine.facts());
        return text(object);
    }

    /** Several of them. */
    public static String of(Machine machine, List<BenchRun> runs) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("machine", machine.facts());
        object.put("runs", runs.stream().map(BenchJson::run).toList());
        return text(object);
    }

    private static Map<String, Object> run(BenchRun run) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("scenario", run.scenario());
        object.put("command", run.command());
        object.put("took_seconds", run.took().toMillis() / 1e3);
        object.put("load_average", run.loadAverage());
        object.put("failure", run.failure());
        object.put("figures", run.figures().stream().map(BenchJson::figure).toList());
        object.put("notes", run.notes());
        return object;
    }

    private static Map<String, @Nullable Object> figure(Figure figure) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("name", figure.name());
        object.put("unit", figure.unit());
        object.put("median", figure.median());
        object.put("min", figure.min());
        object.put("max", figure.max());
        object.put("values", figure.values());
        Target target = figure.target();
        if (target != null) {
            object.put("must_be", target.atLeast() ? "at least" : "at most");
            object.put("bound", target.bound());
            object.put("reached", figure.reached());
        }
        Figure.Place place = figure.place();
        if (place != null) {
            object.put("line", place.line());
            object.put("x", place.x());
        }
        return object;
    }

    private static String text(Object object) {
        try {
            return MAPPER.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps and numbers could not be written", e);
        }
    }
}
