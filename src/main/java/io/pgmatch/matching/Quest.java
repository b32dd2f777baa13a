package io.pgmatch.matching;

import io.pgmatch.model.Window;
import io.pgmatch.rule.Stretch;
import io.pgmatch.rule.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is read on behalf of a member in one of the buckets that it seeks. Used by the round's thread
 * only.
 *
 * <p>Implementation notes. There are two readings, and the one that first is enough ends the quest. The
 * whole window, in the order of the index that the search is narrowed by, is enough once nothing is left of
 * it: quick where few are in the window. The ways, in the order of preference, are enough once the
 * member is sure to prefer the partner that it has to everybody beyond: quick where many are. They take
 * turns, so the cost is twice that of the better one at most. Where both orders are the same there is
 * one reading.
 */
final class Quest {
    private final Stretch stretch;
    private final Window window;
    private final Function<Window, Reading> opener;
    private final Reading whole;

    /** Null until they are needed. */
    private @Nullable List<Reading> ways;

    /** Those of the number that a way down has come to; null if there were none yet. */
    private @Nullable Window tiesWindow;

    private @Nullable Reading ties;

    /**
     * A quest that reads the whole window only, as yet.
     *
     * @param opener gives the reading of a window to the member
     */
    Quest(Stretch stretch, Window window, Function<Window, Reading> opener) {
        this.stretch = stretch;
        this.window = window;
        this.opener = opener;
        this.whole = opener.apply(window);
    }

    /** Whether something is left of the window; of the ways, if only these are being read. */
    boolean isCrowded() {
        return whole.hasStarted() || ways == null
                ? !whole.isDone()
                : ways.stream().anyMatch(way -> !way.isDone());
    }

    /** Whether all of the window has been read, and all fresh tasks of it were seen. */
    boolean hasSeenEverybody() {
        return whole.isDone() && whole.hasSeenAllFresh();
    }

    /** What is to be read on before it is certain that nobody was left out. */
    List<Reading> unread() {
        return whole.isDone() ? List.of() : List.of(whole);
    }

    /**
     * What is to be read on before it is certain that the member prefers its partner to everybody
     * there; if it has none, that there is none.
     */
    List<Reading> unreadFor(@Nullable Member partner) {
        if (whole.isDone()) {
            return List.of();
        }
        if (ways == null) {
            ways = stretch.ways(window.bucket()).stream().map(this::open).toList();
        }
        if (ways.isEmpty()) {
            return List.of(whole);
        }
        List<Reading> unread = new ArrayList<>(ways.size() + 1);
        for (Reading way : ways) {
            Reading next = next(way, partner == null ? null : partner.subject);
            if (next != null) {
                unread.add(next);
            }
        }
        boolean coverNoMore = ways.get(0).rest().order().isByRank();
        if (!unread.isEmpty() && !coverNoMore) {
            unread.add(whole);
        }
        return unread;
    }

    /** What is to be read next of a way, or beside it; null if nobody there would be preferred. */
    private @Nullable Reading next(Reading way, @Nullable Subject partner) {
        if (way.isDone()) {
            return null;
        }
        if (partner == null) {
            return way;
        }
        if (stretch.approach().settles(partner, way.rest())) {
            return null;
        }
        Window tied = stretch.approach().ties(partner, way.rest());
        if (tied == null) {
            return way;
        }
        if (ties == null || !tied.equals(tiesWindow)) {
            tiesWindow = tied;
            ties = opener.apply(tied);
        }
        return ties.isDone() || partner.id() <= ties.rest().afterId() ? null : ties;
    }

    private Reading open(Window way) {
        return way.equals(window) ? whole : opener.apply(way);
    }
}
