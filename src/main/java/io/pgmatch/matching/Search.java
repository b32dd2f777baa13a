package io.pgmatch.matching;

import io.pgmatch.model.WaitingTask;
import io.pgmatch.model.Window;
import io.pgmatch.rule.RankRange;
import io.pgmatch.store.SearchPartners;
import io.pgmatch.store.SearchPartners.Scope;
import io.pgmatch.store.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Reads the windows in which the partners of some members may be, page by page, each page larger than
 * the one before. Members that look into the same window share it. Used by the round's thread only.
 */
final class Search {
    private static final int PAGE_MIN = 4;
    private static final int PAGE_MAX = 1_024;
    private static final int PAGE_GROWTH = 8;

    /** Most rows that a statement may return. */
    private static final int ROWS_MAX = 16_384;

    private final Transaction transaction;
    private final String pool;
    private final Instant now;
    private final Scope scope;
    private final int version;
    private final boolean withAttributes;
    private final long afterId;

    /** What of each window has not been read yet. A window that has been read whole is not in it. */
    private final Map<Place, Window> unread = new LinkedHashMap<>();

    private final Map<Place, List<Member>> seekers = new LinkedHashMap<>();
    private int page = PAGE_MIN;

    private record Place(long bucket, RankRange range) {}

    /**
     * A search that has no windows yet.
     *
     * @param version of the rule that the tasks were derived by
     * @param afterId in each window, tasks of its lowest rank are skipped up to this id
     */
    Search(
            Transaction transaction,
            String pool,
            Instant now,
            Scope scope,
            int version,
            boolean withAttributes,
            long afterId) {
        this.transaction = transaction;
        this.pool = pool;
        this.now = now;
        this.scope = scope;
        this.version = version;
        this.withAttributes = withAttributes;
        this.afterId = afterId;
    }

    /** Opens the windows in which the member's partners may be. */
    void openFor(Member seeker) {
        for (int i = 0; i < seeker.soughtCount(); i++) {
            if (!seeker.stretches.get(i).ranks().isEmpty()) {
                open(place(seeker, i), seeker);
            }
        }
    }

    /** Opens the window of those who would be in the member's own place. */
    void openForRivals(Member member) {
        open(new Place(member.task.bucket(), RankRange.ZERO), member);
    }

    /** Whether all was read that was opened. */
    boolean isDone() {
        return unread.isEmpty();
    }

    /** Whether all was read in which the member's partners may be. */
    boolean hasRead(Member seeker) {
        for (int i = 0; i < seeker.soughtCount(); i++) {
            if (unread.containsKey(place(seeker, i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether all was read in which the member might prefer somebody to that partner. */
    boolean hasReadUpTo(Member seeker, Member partner) {
        for (int i = 0; i < seeker.soughtCount(); i++) {
            Window left = unread.get(place(seeker, i));
            boolean beyond = left != null
                    && seeker.stretches.get(i).firstIsBest()
                    && seeker.sought(i) == partner.task.bucket()
                    && left.startsAfter(partner.task);
            if (left != null && !beyond) {
                return false;
            }
        }
        return true;
    }

    /** Reads the next page of each window that any of these members looks into. */
    void read(Collection<Member> readers, BiConsumer<WaitingTask, List<Member>> sink) {
        Set<Place> places = new LinkedHashSet<>();
        for (Member reader : readers) {
            for (int i = 0; i < reader.soughtCount(); i++) {
                places.add(place(reader, i));
            }
        }
        places.retainAll(unread.keySet());
        read(List.copyOf(places), sink);
    }

    /** Reads the next page of every window. */
    void readAll(BiConsumer<WaitingTask, List<Member>> sink) {
        read(List.copyOf(unread.keySet()), sink);
    }

    private static Place place(Member seeker, int index) {
        return new Place(seeker.sought(index), seeker.stretches.get(index).ranks());
    }

    private void open(Place place, Member seeker) {
        seekers.computeIfAbsent(place, key -> new ArrayList<>()).add(seeker);
        unread.computeIfAbsent(
                place,
                key -> new Window(
                        key.bucket(), key.range().from(), afterId, key.range().to()));
    }

    private void read(List<Place> places, BiConsumer<WaitingTask, List<Member>> sink) {
        int placesMax = Math.max(1, ROWS_MAX / page);
        for (int from = 0; from < places.size(); from += placesMax) {
            readPage(places.subList(from, Math.min(from + placesMax, places.size())), sink);
        }
        page = Math.min(page * PAGE_GROWTH, PAGE_MAX);
    }

    private void readPage(List<Place> places, BiConsumer<WaitingTask, List<Member>> sink) {
        List<Window> windows = new ArrayList<>(places.size());
        places.forEach(place -> windows.add(unread.get(place)));
        int[] counts = new int[places.size()];
        for (SearchPartners.Found found :
                SearchPartners.run(transaction, pool, scope, version, now, windows, page, withAttributes)) {
            Place place = places.get(found.window());
            counts[found.window()]++;
            unread.put(place, windows.get(found.window()).after(found.task()));
            sink.accept(found.task(), seekers.getOrDefault(place, List.of()));
        }
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] < page) {
                unread.remove(places.get(i));
            }
        }
    }
}
