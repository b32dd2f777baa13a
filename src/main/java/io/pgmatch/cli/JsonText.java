package io.pgmatch.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows as JSON. */
final class JsonText {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonText() {}

    /** A row as an object on one line. */
    static <T> String object(List<Column<T>> columns, T row) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.writeStartObject();
            for (Column<T> column : columns) {
                json.writeFieldName(column.name());
                write(json, column.value().apply(row));
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a string could not be written", e);
        }
        return text.toString();
    }

    /** Objects as an array, each on a line of its own. */
    static String array(List<String> objects) {
        return objects.isEmpty() ? "[]" : "[\n" + String.join(",\n", objects) + "\n]";
    }

    /** A duration in seconds, as exact as it is. */
    static BigDecimal seconds(Duration duration) {
        BigDecimal seconds = BigDecimal.valueOf(duration.getSeconds())
                .add(BigDecimal.valueOf(duration.getNano(), 9))
                .stripTrailingZeros();
        return seconds.scale() < 0 ? seconds.setScale(0) : seconds;
    }

    private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof Column.Json raw) {
            json.writeRawValue(raw.text());
        } else if (value instanceof Boolean truth) {
            json.writeBoolean(truth);
        } else if (value instanceof Integer || value instanceof Long) {
            json.writeNumber(((Number) value).longValue());
        } else if (value instanceof Duration duration) {
            json.writeNumber(seconds(duration).toPlainString());
        } else if (value instanceof List<?> values) {
            json.writeStartArray();
            for (Object each : values) {
                write(json, each);
            }
            json.writeEndArray();
        } else if (value instanceof Instant || value instanceof String) {
            json.writeString(value.toString());
        } else {
            throw new IllegalArgumentException("no way to write a " + value.getClass());
        }
    }
}
