package io.pgmatch.model;

/** The definite answer to a cancel. */
public sealed interface CancelAnswer {
    /** The task was taken back, now or by an earlier cancel. */
    record Cancelled() implements CancelAnswer {}

    /** Too late: the task is in a pair. */
    record Matched(long partnerId) implements CancelAnswer {}

    /** No such task waits, was paired or was cancelled. */
    record Unknown() implements CancelAnswer {}

    /** Reads what the database's function answers. */
    static CancelAnswer parse(String answer) {
        String matched = "matched with ";
        if (answer.startsWith(matched)) {
            return new Matched(Long.parseLong(answer.substring(matched.length())));
        }
        return switch (answer) {
            case "cancelled" -> new Cancelled();
            case "unknown" -> new Unknown();
            default ->
                throw new PgmatchException(
                        "cancel: wanted \"cancelled\", \"matched with ID\" or \"unknown\", got \"" + answer + "\"");
        };
    }
}
