package io.pgmatch.matching;

import io.pgmatch.model.Window;
import io.pgmatch.rule.RankRange;
import io.pgmatch.store.SearchPartners.Page;
import java.util.ArrayList;
import java.util.List;

/**
 * A window that is read page by page on behalf of some members, each page larger than the one before.
 * Used by the round's thread only.
 */
final class Reading {
    private static final int PAGE_MAX = 1_024;
    private static final int PAGE_GROWTH = 8;

    /** In the order of preference many have other ranks, and those do not leave the server. */
    private static final int FACTOR_BY_PREFERENCE = 8;

    private final List<Member> seekers = new ArrayList<>();
    private final int factor;
    private double lowRank = Double.POSITIVE_INFINITY;
    private double highRank = Double.NEGATIVE_INFINITY;
    private Window rest;
    private int pageSize;
    private boolean started;
    private boolean done;
    private boolean sawAllFresh;

    /**
     * A reading that has not started.
     *
     * @param spare how many more tasks the first page has than there are seekers
     */
    Reading(Window window, int spare) {
        this.rest = window;
        this.factor = window.order().isByRank() ? 1 : FACTOR_BY_PREFERENCE;
        this.pageSize = spare * factor;
    }

    /** Reads on behalf of one more member, whose partners have ranks in that range. */
    void join(Member seeker, RankRange ranks) {
        seekers.add(seeker);
        lowRank = Math.min(lowRank, ranks.from());
        highRank = Math.max(highRank, ranks.to());
        pageSize = Math.min(pageSize + factor, PAGE_MAX * factor);
    }

    /** Those on whose behalf it is read. */
    List<Member> seekers() {
        return seekers;
    }

    /** Whether a part has been read, so that nobody can join any more. */
    boolean hasStarted() {
        return started;
    }

    /** What has not been read. */
    Window rest() {
        return rest;
    }

    /** Whether nothing is left. */
    boolean isDone() {
        return done;
    }

    Page nextPage() {
        return new Page(rest, pageSize, lowRank, highRank);
    }

    /** Notes a task of the page that was read. */
    void pass(double number, long id) {
        rest = rest.after(number, id);
    }

    /** Notes how many fresh tasks the first page had beside it, of as many as it may have itself; before {@link #endPage}. */
    void noteFresh(int count) {
        sawAllFresh = count < pageSize;
    }

    /** Whether all fresh tasks of the window were seen when it was read first. */
    boolean hasSeenAllFresh() {
        return sawAllFresh;
    }

    /** Notes how many tasks the page had. */
    void endPage(int count) {
        started = true;
        done = count < pageSize;
        pageSize = Math.min(pageSize * PAGE_GROWTH, PAGE_MAX * factor);
    }
}
