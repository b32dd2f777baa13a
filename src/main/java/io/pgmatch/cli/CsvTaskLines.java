package io.pgmatch.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PgmatchException;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * CSV with a header. The columns {@code ref} and {@code expires_in} are what they say; every other
 * column is an attribute, of the type that the pool's rule declares: an empty cell leaves it out. Where
 * the rule declares none, what is a JSON number, true, false, an array or an object is taken for that,
 * the rest for text.
 */
final class CsvTaskLines implements TaskLines {
    private static final String REF = "ref";
    private static final String EXPIRES_IN = "expires_in";
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final CSVParser parser;
    private final Iterator<CSVRecord> records;
    private final BoundedReader reader;
    private final List<String> names;
    private final JsonNode declared;
    private final String pool;
    private final @Nullable Duration expiresIn;

    /**
     * Reads the header.
     *
     * @param ruleJson the rule of the pool
     */
    CsvTaskLines(InputStream input, String pool, String ruleJson, @Nullable Duration expiresIn) throws IOException {
        this.pool = pool;
        this.expiresIn = expiresIn;
        this.declared = MAPPER.readTree(ruleJson).path("attributes");
        // Bytes as they are; each cell is decoded by itself, so that a bad one spoils its line only.
        this.reader = new BoundedReader(new InputStreamReader(input, StandardCharsets.ISO_8859_1));
        this.parser = CSVParser.builder()
                .setReader(reader)
                .setFormat(CSVFormat.RFC4180.builder().setIgnoreEmptyLines(true).get())
                .get();
        this.records = parser.iterator();
        this.names = header();
    }

    @Override
    public @Nullable Line next() throws IOException {
        long number = parser.getCurrentLineNumber() + 1;
        CSVRecord row = read();
        if (row == null) {
            return null;
        }
        String text = String.join(",", row.values());
        try {
            return new Line(number, decoded(text), task(row), "");
        } catch (PgmatchException e) {
            return new Line(number, text, null, String.valueOf(e.getMessage()));
        }
    }

    private List<String> header() throws IOException {
        CSVRecord first = read();
        if (first == null) {
            throw new PgmatchException("CSV: wanted a header that names the columns, got an empty file");
        }
        List<String> found = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String cell : first) {
            String name = decoded(cell).strip();
            name = found.isEmpty() && name.startsWith("\uFEFF") ? name.substring(1) : name;
            if (name.isEmpty() || !seen.add(name)) {
                throw new PgmatchException("CSV header: wanted a name of its own for each column, got \""
                        + Words.oneLine(name) + "\" for column " + (found.size() + 1));
            }
            found.add(name);
        }
        return found;
    }

    private @Nullable CSVRecord read() throws IOException {
        reader.begin();
        try {
            return records.hasNext() ? records.next() : null;
        } catch (UncheckedIOException e) {
            throw new PgmatchException(
                    "CSV, line " + (parser.getCurrentLineNumber() + 1) + ": wanted a row, got "
                            + String.valueOf(e.getMessage()),
                    e);
        }
    }

    private NewTask task(CSVRecord row) {
        if (row.size() != names.size()) {
            throw new PgmatchException(
                    "wanted " + Words.count(names.size(), "cell") + " as in the header, got " + row.size());
        }
        String ref = null;
        Duration expiry = expiresIn;
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            String cell = decoded(row.get(i));
            if (cell.isEmpty()) {
                continue;
            }
            switch (name) {
                case REF -> ref = cell;
                case EXPIRES_IN -> expiry = JsonTaskLines.duration(cell);
                default ->
                    json.append(json.length() == 1 ? "" : ", ")
                            .append(quoted(name))
                            .append(": ")
                            .append(value(name, cell));
            }
        }
        String attributes = json.append('}').toString();
        JsonCheck.requireStorable("pool \"" + pool + "\", attributes", attributes);
        return new NewTask(pool, ref, attributes, expiry);
    }

    /** The cell as JSON. What does not fit its type goes as text, for the database to say so. */
    private String value(String name, String cell) {
        JsonNode declaration = declared.path(name);
        String type = declaration.isTextual()
                ? declaration.asText()
                : declaration.path("type").asText("");
        boolean fits = switch (type) {
            case "text", "time" -> false;
            case "number" -> NUMBER.matcher(cell).matches();
            case "boolean" -> cell.equals("true") || cell.equals("false");
            default ->
                NUMBER.matcher(cell).matches() || cell.equals("true") || cell.equals("false") || isStructure(cell);
        };
        return fits ? cell : quoted(cell);
    }

    private static boolean isStructure(String cell) {
        if (!cell.startsWith("[") && !cell.startsWith("{")) {
            return false;
        }
        try {
            return MAPPER.readTree(cell).isContainerNode();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static String quoted(String text) {
        try {
            return MAPPER.writeValueAsString(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a text was no JSON string", e);
        }
    }

    private static String decoded(String bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new PgmatchException("wanted text in UTF-8, got bytes that are not", e);
        }
    }

    /** Ends a row that has grown too long: a quote that is not closed would take in the whole file. */
    private static final class BoundedReader extends FilterReader {
        /** Beyond the bound of a row, what the parser reads ahead. */
        private static final int AHEAD = 64 * 1024;

        private long left;

        BoundedReader(Reader in) {
            super(in);
        }

        void begin() {
            left = LINE_BYTES_MAX + AHEAD;
        }

        @Override
        public int read(char[] buffer, int offset, int length) throws IOException {
            if (left <= 0) {
                throw new IOException("more than 1 MiB; is there a quote that is not closed?");
            }
            int count = super.read(buffer, offset, length);
            left -= Math.max(count, 0);
            return count;
        }
    }
}
