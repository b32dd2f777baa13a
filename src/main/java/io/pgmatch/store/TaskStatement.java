package io.pgmatch.store;

import io.pgmatch.model.TaskNeeds;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * A statement of a round that reads tasks. Its text depends on what the rule has to know of each: what is not needed is
 * no column of it. Thread-safe.
 */
final class TaskStatement {
    private final UnaryOperator<String> sql;
    private final Map<TaskNeeds, RoundStatement> statements = new ConcurrentHashMap<>();

    /**
     * A statement.
     *
     * @param sql the text, from the columns that it starts with, those of {@link TaskRows}
     */
    TaskStatement(UnaryOperator<String> sql) {
        this.sql = sql;
    }

    /** The statement for a rule that needs that much. */
    RoundStatement of(TaskNeeds needs) {
        return statements.computeIfAbsent(needs, n -> new RoundStatement(sql.apply(new TaskRows(n).columns())));
    }
}
