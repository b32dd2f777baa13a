package io.pgmatch.matching;

import io.pgmatch.model.PgmatchException;
import io.pgmatch.store.DatabaseException;
import java.util.Set;

/** Tasks that a round claimed, or found, are gone, or were changed, so that it cannot be committed. */
final class LostTasksException extends PgmatchException {
    private static final long serialVersionUID = 1L;

    /** SQLSTATEs: a member of a pair is missing, or somebody held it for too long. */
    private static final Set<String> LOST = Set.of("23502", "55P03", "40P01");

    LostTasksException(String message) {
        super(message);
    }

    /**
     * Whether that, or a wait for whoever holds them, is why a round failed. For rounds that hold the locks of all they
     * have claimed, and go by a time before that, there is no such reason.
     */
    static boolean is(RuntimeException failure) {
        return failure instanceof LostTasksException
                || (failure instanceof DatabaseException refused && LOST.contains(refused.sqlState()));
    }
}
