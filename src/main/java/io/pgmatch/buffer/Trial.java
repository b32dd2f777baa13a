package io.pgmatch.buffer;

import java.util.List;
import java.util.Map;

/**
 * What a transaction inserts, if it commits.
 *
 * @param entries the tasks that it tried
 * @param ids their ids
 * @param refusals the database's reason for those that it refused, by index
 * @param insertedEarlier -1; or, where an earlier submission of the same batch has inserted it, how
 *     many tasks that was
 */
record Trial(List<Entry> entries, List<Long> ids, Map<Integer, String> refusals, int insertedEarlier) {
    static Trial of(List<Entry> entries, List<Long> ids, Map<Integer, String> refusals) {
        return new Trial(entries, ids, refusals, -1);
    }

    static Trial earlier(List<Entry> entries, int inserted) {
        return new Trial(entries, List.of(), Map.of(), inserted);
    }
}
