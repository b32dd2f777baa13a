package io.pgmatch.matching;

import io.pgmatch.model.TaskNeeds;
import io.pgmatch.model.Window;
import io.pgmatch.rule.RankRange;
import io.pgmatch.rule.Stretch;
import io.pgmatch.store.SearchPartners;
import io.pgmatch.store.SearchPartners.Found;
import io.pgmatch.store.SearchPartners.Page;
import io.pgmatch.store.SearchPartners.Scope;
import io.pgmatch.store.Transaction.Started;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.LongUnaryOperator;

/**
 * Reads the windows in which the partners of some members may be, until it is certain whom each gets.
 * Members that look into the same window share it. Used by the round's thread only.
 */
final class Search {
    /** Most rows that a statement may return. */
    private static final int ROWS_MAX = 16_384;

    /**
     * As few members have all that they may need read at once, to save a statement, where the windows are crowded. Where there
     * are more it pays to see first which windows hold but a few.
     */
    private static final int FEW = 16;

    /** Beside one for each seeker, some for the judge to turn away; beyond the round there is no need for it. */
    private static final int SPARE = 3;

    private final Terms terms;
    private final TaskNeeds needs;
    private final Scope scope;
    private final LongUnaryOperator afterIds;
    private final int spare;

    private final Map<Window, Reading> readings = new LinkedHashMap<>();
    private final Map<Member, List<Quest>> quests = new LinkedHashMap<>();

    /** What comes first of every window, while it is being read. */
    private List<Pages> first = List.of();

    /** Readings of which something is left. */
    private int open;

    /** A search of whole windows, that has none yet; see the other constructor. */
    Search(Terms terms, TaskNeeds needs, Scope scope) {
        this(terms, needs, scope, bucket -> Long.MIN_VALUE);
    }

    /**
     * A search that has no windows yet.
     *
     * @param needs what is to be read of each task
     * @param afterIds in the window of each bucket, tasks of its lowest rank are skipped up to this id
     */
    Search(Terms terms, TaskNeeds needs, Scope scope, LongUnaryOperator afterIds) {
        this.terms = terms;
        this.needs = needs;
        this.scope = scope;
        this.afterIds = afterIds;
        this.spare = scope == Scope.WAITING || scope == Scope.ALL ? SPARE : 0;
    }

    /** Opens the windows in which the member's partners may be. */
    void openFor(Member seeker) {
        List<Quest> own = new ArrayList<>(seeker.soughtCount());
        for (int i = 0; i < seeker.soughtCount(); i++) {
            Stretch stretch = seeker.stretches.get(i);
            if (!stretch.ranks().isEmpty()) {
                Window window = stretch.window(seeker.sought(i));
                own.add(new Quest(
                        stretch,
                        window.after(window.after(), afterIds.applyAsLong(window.bucket())),
                        opened -> reading(opened, seeker, stretch.ranks())));
            }
        }
        quests.put(seeker, own);
    }

    /** Opens the window of those who would be in the member's own place. */
    void openForRivals(Member member) {
        RankRange place = RankRange.ZERO;
        reading(Window.of(Window.Order.RANK_UP, member.task.bucket(), place.from(), place.to()), member, place);
    }

    /**
     * Starts to read what comes first; {@link #receiveFirst} is to follow.
     *
     * @param crowded whether the first rows of each window are likely not to be all of it: few members then have what comes
     *     first by preference read by the same statement
     * @param executor reads it
     */
    void startFirst(boolean crowded, Executor executor) {
        startFirst(scope, crowded, executor);
    }

    /** The same of those who wait, with a look at the fresh tasks beside them, unless the windows are crowded. */
    void startFirstWithFresh(boolean crowded, Executor executor) {
        startFirst(Scope.WAITING_AND_FRESH, crowded, executor);
    }

    private void startFirst(Scope firstScope, boolean crowded, Executor executor) {
        Collection<Reading> wanted = crowded && quests.size() <= FEW ? unread(quests.keySet()) : readings.values();
        first = start(wanted, firstScope, true, executor);
    }

    /** Whether something is left behind what came first, for some member; asked before more is read. */
    boolean isCrowded() {
        return quests.values().stream().flatMap(List::stream).anyMatch(Quest::isCrowded);
    }

    /** Waits for what was started; whether anything was. */
    boolean receiveFirst(BiConsumer<Found, List<Member>> sink) {
        boolean received = !first.isEmpty();
        first.forEach(pages -> receive(pages, sink));
        first = List.of();
        return received;
    }

    /**
     * Starts to read the first page of every window; {@link #receiveFirst} is to follow.
     *
     * @param isLast whether no other search in the same scope is started before
     * @param executor reads it
     */
    void startWindows(boolean isLast, Executor executor) {
        first = start(readings.values(), scope, isLast, executor);
    }

    /**
     * What is to be read on before it is certain whom these members get. Empty if no one who has not been
     * read would be preferred to the partner that a member has; if it has none, if nobody is left.
     */
    Set<Reading> unread(Collection<Member> seekers) {
        if (open == 0) {
            return Set.of();
        }
        Set<Reading> unread = new LinkedHashSet<>();
        for (Member seeker : seekers) {
            for (Quest quest : quests.getOrDefault(seeker, List.of())) {
                unread.addAll(scope == Scope.WAITING ? quest.unreadFor(seeker.partner) : quest.unread());
            }
        }
        return unread;
    }

    /** Whether all was read in which the member's partners may be. */
    boolean hasRead(Member seeker) {
        return unread(List.of(seeker)).isEmpty();
    }

    /** Whether everybody was seen who may be the member's partner, whatever their state and whoever holds them. */
    boolean hasSeenEverybody(Member seeker) {
        return quests.getOrDefault(seeker, List.of()).stream().allMatch(Quest::hasSeenEverybody);
    }

    /** Reads the next page of each. */
    void read(Collection<Reading> wanted, BiConsumer<Found, List<Member>> sink) {
        start(wanted, scope, true, Runnable::run).forEach(pages -> receive(pages, sink));
    }

    private List<Pages> start(Collection<Reading> wanted, Scope pageScope, boolean isLast, Executor executor) {
        List<Pages> started = new ArrayList<>();
        List<Reading> batch = new ArrayList<>();
        int rows = 0;
        for (Reading reading : wanted) {
            int most = reading.nextPage().most();
            if (!batch.isEmpty() && rows + most > ROWS_MAX) {
                started.add(startPages(batch, pageScope, false, executor));
                batch = new ArrayList<>();
                rows = 0;
            }
            batch.add(reading);
            rows += most;
        }
        if (!batch.isEmpty()) {
            started.add(startPages(batch, pageScope, isLast, executor));
        }
        return started;
    }

    private Reading reading(Window window, Member seeker, RankRange ranks) {
        Reading reading = readings.get(window);
        if (reading == null || reading.hasStarted()) {
            reading = new Reading(window, spare);
            readings.put(window, reading);
            open++;
        }
        reading.join(seeker, ranks);
        return reading;
    }

    private Pages startPages(List<Reading> batch, Scope pageScope, boolean isLast, Executor executor) {
        List<Page> pages = batch.stream().map(Reading::nextPage).toList();
        Started<List<Found>> found = SearchPartners.start(
                terms.transaction(),
                terms.pool(),
                pageScope,
                terms.version(),
                terms.now(),
                pages,
                needs,
                isLast,
                executor);
        return new Pages(batch, SearchPartners.readsFresh(pageScope, pages), found);
    }

    private void receive(Pages pages, BiConsumer<Found, List<Member>> sink) {
        List<Reading> batch = pages.batch();
        int[] counts = new int[batch.size()];
        int[] freshCounts = new int[batch.size()];
        for (Found found : pages.found().result()) {
            Reading reading = batch.get(found.page());
            if (found.isFresh()) {
                freshCounts[found.page()]++;
            } else {
                counts[found.page()] = found.passed();
                reading.pass(found.number(), found.task().id());
            }
            sink.accept(found, reading.seekers());
        }
        for (int i = 0; i < counts.length; i++) {
            Reading reading = batch.get(i);
            if (pages.isWithFresh()) {
                reading.noteFresh(freshCounts[i]);
            }
            reading.endPage(counts[i]);
            open -= reading.isDone() ? 1 : 0;
        }
    }

    /**
     * The next page of some windows, in one statement that was started.
     *
     * @param isWithFresh whether it reads fresh tasks beside them
     */
    private record Pages(List<Reading> batch, boolean isWithFresh, Started<List<Found>> found) {}
}
