package io.pgmatch.bench;

import java.util.List;

/**
 * What a scenario yields.
 *
 * @param figures what was measured, what must be reached first
 * @param notes what a reader must know to judge them, a sentence each
 */
public record Result(List<Figure> figures, List<String> notes) {
    /** Copies the lists. */
    public Result {
        figures = List.copyOf(figures);
        notes = List.copyOf(notes);
    }
}
