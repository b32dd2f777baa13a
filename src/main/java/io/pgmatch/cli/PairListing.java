package io.pgmatch.cli;

import io.pgmatch.cli.Column.Json;
import io.pgmatch.model.Pair;
import java.util.List;

/** Pairs as they are listed; programs see the columns of matched_pairs. */
final class PairListing {
    private static final int TIME = 20;
    private static final int ATTRIBUTES = 32;

    static final Listing<Pair> PAIRS = new Listing<>(List.of(
            Column.of("pool", Pair::pool),
            Column.of("first_id", pair -> pair.first().id()),
            Column.of("second_id", pair -> pair.second().id()),
            Column.of("first_ref", pair -> pair.first().ref()),
            Column.of("second_ref", pair -> pair.second().ref()),
            Column.<Pair>forPeople("matched_at", Pair::matchedAt).wide(TIME),
            Column.<Pair>of("first_attributes", pair -> new Json(pair.first().attributes()))
                    .wide(ATTRIBUTES),
            Column.<Pair>of("second_attributes", pair -> new Json(pair.second().attributes()))
                    .wide(ATTRIBUTES),
            Column.forPrograms("first_inserted_at", pair -> pair.first().insertedAt()),
            Column.forPrograms("second_inserted_at", pair -> pair.second().insertedAt()),
            Column.forPrograms("matched_at", Pair::matchedAt),
            Column.forPrograms("matched_by", Pair::matchedBy),
            Column.forPrograms("rule_version", Pair::ruleVersion)));

    /** Everything, for one pair. */
    static final Listing<Pair> PAIR = new Listing<>(List.of(
            Column.of("pool", Pair::pool),
            Column.of("first_id", pair -> pair.first().id()),
            Column.of("second_id", pair -> pair.second().id()),
            Column.of("first_ref", pair -> pair.first().ref()),
            Column.of("second_ref", pair -> pair.second().ref()),
            Column.of("first_attributes", pair -> new Json(pair.first().attributes())),
            Column.of("second_attributes", pair -> new Json(pair.second().attributes())),
            Column.of("first_inserted_at", pair -> pair.first().insertedAt()),
            Column.of("second_inserted_at", pair -> pair.second().insertedAt()),
            Column.of("matched_at", Pair::matchedAt),
            Column.of("matched_by", Pair::matchedBy),
            Column.of("rule_version", Pair::ruleVersion)));

    private PairListing() {}
}
