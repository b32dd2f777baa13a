package io.pgmatch.store;

/** A point in a transaction to which it can go back when a statement is refused. One at a time. */
public final class Savepoint {
    static final String SET = "SAVEPOINT part";
    static final String ROLL_BACK = "ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part";
    static final String RELEASE = "RELEASE SAVEPOINT part";

    private Savepoint() {}

    /** Sets it. */
    public static void set(Transaction transaction) {
        transaction.dsl().execute(SET);
    }

    /** Undoes what came after it, and removes it. */
    public static void rollBack(Transaction transaction) {
        transaction.dsl().execute(ROLL_BACK);
    }

    /** Removes it; what came after it stays. */
    public static void release(Transaction transaction) {
        transaction.dsl().execute(RELEASE);
    }
}
