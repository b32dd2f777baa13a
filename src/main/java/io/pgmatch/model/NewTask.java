package io.pgmatch.model;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A task to be inserted. What only the database can know (the pool, what its rule wants) it checks
 * itself; here is refused what could not reach it unharmed.
 *
 * @param pool the pool it is to wait in
 * @param ref the producer's name for it, unique among those waiting in the pool; or null
 * @param attributes JSON
 * @param expiresIn after this it retires unpaired, by the database's clock; positive; or null
 */
public record NewTask(
        String pool,
        @Nullable String ref,
        String attributes,
        @Nullable Duration expiresIn) {
    private static final Duration EXPIRES_IN_MAX = Duration.ofDays(36_500);

    /** Refuses text that is not Unicode or holds U+0000, and an expiry out of bounds. */
    public NewTask {
        checkText("pool", pool);
        checkText("attributes", attributes);
        if (ref != null) {
            checkText("ref", ref);
        }
        if (expiresIn != null && (expiresIn.isNegative() || expiresIn.isZero())) {
            throw new PgmatchException("expires-in: wanted a time above zero, got " + expiresIn);
        }
        if (expiresIn != null && expiresIn.compareTo(EXPIRES_IN_MAX) > 0) {
            throw new PgmatchException("expires-in: wanted at most 36500 days, got " + expiresIn);
        }
    }

    private static void checkText(String name, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new PgmatchException(
                    name + ": wanted text without U+0000, got it at character " + text.indexOf('\0'));
        }
        // The driver would send a lone surrogate as a question mark, without a word.
        try {
            StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
        } catch (CharacterCodingException e) {
            throw new PgmatchException(name + ": wanted Unicode text, got half a surrogate pair", e);
        }
    }
}
