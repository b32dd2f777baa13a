package io.pgmatch.model;

/** Why a task that was submitted to a buffer got no id. */
public final class TaskNotInsertedException extends PgmatchException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** What became of the task. */
    public enum Reason {
        /** The database refused it, and the message is the database's. It was not inserted. */
        REFUSED,
        /** It could not be delivered. It was not inserted, and will not be. */
        FAILED,
        /** Nobody can say: it may have been inserted. A task with a ref can be submitted again. */
        UNKNOWN,
        /** A later task with the same pool and ref took its place before it was sent. */
        REPLACED,
        /** It was cancelled before it was sent. */
        CANCELLED
    }

    /** What became of the task, and one line about it. */
    public TaskNotInsertedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** What became of the task. */
    public Reason reason() {
        return reason;
    }

    /** Whether submitting it again makes sense. */
    @Override
    public boolean isTransient() {
        return reason == Reason.FAILED || reason == Reason.UNKNOWN;
    }
}
