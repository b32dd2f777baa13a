package io.pgmatch.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A column of a listing.
 *
 * @param name in snake_case, as programs read it; people see blanks for underscores
 * @param audience who gets to see it
 * @param width how wide it is at least where rows come one by one and none can be measured before
 * @param value what stands in it: a String, Number, Boolean, {@link Instant}, {@link Duration}, {@link
 *     Json}, {@link List} of strings, or null
 */
record Column<T>(String name, Audience audience, int width, Function<T, @Nullable Object> value) {
    private static final int WIDTH_MIN = 8;

    enum Audience {
        EVERYBODY,
        PEOPLE,
        PROGRAMS
    }

    /** JSON text, which in JSON stands as it is and not as a string. */
    record Json(String text) {
        @Override
        public String toString() {
            return text;
        }
    }

    static <T> Column<T> of(String name, Function<T, @Nullable Object> value) {
        return new Column<>(name, Audience.EVERYBODY, WIDTH_MIN, value);
    }

    /** Only in tables. */
    static <T> Column<T> forPeople(String name, Function<T, @Nullable Object> value) {
        return new Column<>(name, Audience.PEOPLE, WIDTH_MIN, value);
    }

    /** Only in JSON and CSV. */
    static <T> Column<T> forPrograms(String name, Function<T, @Nullable Object> value) {
        return new Column<>(name, Audience.PROGRAMS, WIDTH_MIN, value);
    }

    /** The same, but wider where rows come one by one. */
    Column<T> wide(int characters) {
        return new Column<>(name, audience, characters, value);
    }

    boolean isFor(Format format) {
        return audience == Audience.EVERYBODY || (audience == Audience.PEOPLE) == (format == Format.TABLE);
    }

    String title() {
        return name.replace('_', ' ');
    }
}
