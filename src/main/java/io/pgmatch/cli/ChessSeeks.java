package io.pgmatch.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgmatch.model.Pair;
import io.pgmatch.model.PgmatchException;
import java.util.List;
import java.util.Random;

/**
 * What the demo pairs: players who seek a game. The same seeks each time.
 *
 * <p>Used by one thread.
 */
final class ChessSeeks {
    /** Same clock, same stakes, ratings at most 100 apart; the nearest rating first. */
    static final String RULE = """
            {
              "attributes": {
                "player": {"type": "text"},
                "rating": {"type": "number"},
                "clock":  {"type": "text", "oneOf": ["1+0", "3+0", "3+2", "5+0", "10+0", "15+10"]},
                "rated":  {"type": "boolean", "default": true}
              },
              "match": [
                {"equal": ["clock", "rated"]},
                {"distance": "rating", "max": 100}
              ],
              "prefer": [{"nearest": "rating"}, "oldest"]
            }
            """;

    /** Pairs of such seeks, for people. */
    static final Listing<Pair> PAIRS = new Listing<>(List.of(
            Column.of("clock", pair -> attributes(pair.first()).path("clock").asText()),
            Column.of("rated", pair -> attributes(pair.first()).path("rated").asBoolean(true)),
            Column.of("first", pair -> player(pair.first())),
            Column.of("second", pair -> player(pair.second())),
            Column.of("rating_gap", pair -> Math.abs(rating(pair.first()) - rating(pair.second())))));

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SEED = 64;
    private static final List<String> CLOCKS = List.of("1+0", "3+0", "3+0", "3+2", "5+0", "5+0", "10+0", "15+10");
    private static final List<String> FIRST =
            List.of("quiet", "sharp", "hasty", "patient", "bold", "sly", "stern", "merry", "pale", "lucky");
    private static final List<String> SECOND =
            List.of("rook", "knight", "bishop", "pawn", "queen", "king", "gambit", "fork", "pin", "skewer");
    private static final int RATING_MEAN = 1_500;
    private static final int RATING_SPREAD = 300;
    private static final int RATING_MIN = 600;
    private static final int RATING_MAX = 2_800;
    private static final double UNRATED_SHARE = 0.15;

    private final Random random = new Random(SEED);
    private int count;

    /** The attributes of the next seek, as JSON. */
    String next() {
        count++;
        long rating = Math.round(random.nextGaussian() * RATING_SPREAD + RATING_MEAN);
        boolean rated = random.nextDouble() >= UNRATED_SHARE;
        return "{\"player\": \"%s_%s_%d\", \"rating\": %d, \"clock\": \"%s\"%s}"
                .formatted(
                        pick(FIRST),
                        pick(SECOND),
                        count,
                        Math.max(RATING_MIN, Math.min(RATING_MAX, rating)),
                        pick(CLOCKS),
                        rated ? "" : ", \"rated\": false");
    }

    private static String player(Pair.Member member) {
        return attributes(member).path("player").asText() + " (" + rating(member) + ")";
    }

    private static int rating(Pair.Member member) {
        return attributes(member).path("rating").asInt();
    }

    private static JsonNode attributes(Pair.Member member) {
        try {
            return JSON.readTree(member.attributes());
        } catch (JsonProcessingException e) {
            throw new PgmatchException(
                    "attributes of task " + member.id() + ": wanted JSON, got " + member.attributes(), e);
        }
    }

    private String pick(List<String> words) {
        return words.get(random.nextInt(words.size()));
    }
}
