package io.pgmatch.store;

import io.pgmatch.model.TaskNeeds;
import io.pgmatch.model.WaitingTask;
import io.pgmatch.store.ClaimTasks.Claim;
import io.pgmatch.store.RoundStatement.Rows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Collects what a claim brings: tasks with notes on them. For one thread at a time. */
final class ClaimReader implements RoundStatement.RowReader {
    /** In the notes on a task: it was derived by another version of the rule. */
    static final int OUTDATED = 1;

    /** There are tasks that have been searched for before, whatever this one is. */
    static final int ANYBODY_WAITING = 2;

    /** This one has been searched for before. */
    static final int AGAIN_DUE = 4;

    /** Somebody holds it, is about to delete it, or once did either, or will soon, since it expires: it is to be locked. */
    static final int TO_LOCK = 8;

    /** Nobody claimed it: it was locked as a partner for the one that was. */
    static final int PARTNER = 16;

    private final TaskRows taskRows;
    private final int notesColumn;

    /** Of a row of a claim in blocks that has no task: the first id in a block that could be had. */
    private final int emptyBlockColumn;

    private final List<WaitingTask> claimed = new ArrayList<>();
    private final List<Long> outdated = new ArrayList<>();

    /** Of a claim in blocks: those that it locked, tasks or not. */
    private final TreeSet<Long> heldBlocks = new TreeSet<>();

    /** Of a claim that locks no rows: those that must be locked. */
    private final List<Long> toLock = new ArrayList<>();

    private int rowCount;
    private long lastFreshId = Long.MIN_VALUE;
    private boolean isLastFresh;
    private boolean sharing;
    private boolean anybodyWaiting;
    private @Nullable WaitingTask partner;

    /**
     * A reader that has read nothing yet.
     *
     * @param needs what is known of each task
     * @param isAnybodyAsked whether the notes tell if anybody waits
     */
    ClaimReader(TaskNeeds needs, boolean isAnybodyAsked) {
        this.taskRows = new TaskRows(needs);
        this.notesColumn = taskRows.count() + 1;
        this.emptyBlockColumn = taskRows.count() + 2;
        this.anybodyWaiting = !isAnybodyAsked;
    }

    @Override
    public void read(ResultSet rows) throws SQLException {
        WaitingTask task = taskRows.read(rows);
        int notes = rows.getInt(notesColumn);
        if ((notes & PARTNER) != 0) {
            partner = task;
            return;
        }
        rowCount++;
        claimed.add(task);
        isLastFresh = (notes & AGAIN_DUE) == 0;
        if (isLastFresh) {
            lastFreshId = Math.max(lastFreshId, task.id());
        }
        if ((notes & OUTDATED) != 0) {
            outdated.add(task.id());
        }
        if ((notes & TO_LOCK) != 0) {
            toLock.add(task.id());
        }
        anybodyWaiting |= (notes & ANYBODY_WAITING) != 0;
    }

    /** Reads the rows of one more statement. */
    void readMore(Rows rows, boolean isAnybodyAsked) {
        int countBefore = rowCount;
        rows.read(this);
        anybodyWaiting |= !isAnybodyAsked && rowCount > countBefore;
    }

    /** Reads a row of a claim in blocks, which may be one of a block without tasks. */
    void readOfBlocks(ResultSet rows) throws SQLException {
        long id = rows.getLong(1);
        if (!rows.wasNull()) {
            read(rows);
            heldBlocks.add(ClaimTasks.block(id));
            return;
        }
        rowCount++;
        long firstId = rows.getLong(emptyBlockColumn);
        if (rows.wasNull()) {
            sharing = true;
        } else {
            heldBlocks.add(ClaimTasks.block(firstId));
        }
    }

    /** Whether the notes on that row say that the task is to be locked. */
    boolean isToLock(ResultSet row) throws SQLException {
        return (row.getInt(notesColumn) & TO_LOCK) != 0;
    }

    /** Who was locked as a partner for what was claimed; null if nobody was. */
    @Nullable
    WaitingTask partner() {
        return partner;
    }

    /** How many rows were read of what was claimed. */
    int rowCount() {
        return rowCount;
    }

    /** Ids of those that must be locked. */
    List<Long> toLock() {
        return toLock;
    }

    /** The blocks that the claim locked. */
    TreeSet<Long> heldBlocks() {
        return heldBlocks;
    }

    /** All that was read. */
    Claim claim(int limit) {
        boolean isFull = rowCount == limit && !claimed.isEmpty() && isLastFresh;
        return new Claim(claimed, outdated, lastFreshId, isFull, sharing, anybodyWaiting);
    }
}
