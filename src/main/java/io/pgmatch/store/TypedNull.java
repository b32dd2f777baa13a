package io.pgmatch.store;

/**
 * A parameter that is null, with its type. Of a null without one the driver asks the server what it is, and from then on
 * sends nothing after that statement in the same trip.
 *
 * @param type name of the type, as in pg_type
 */
record TypedNull(String type) {
    static final TypedNull TIMESTAMPTZ = new TypedNull("timestamptz");
    static final TypedNull TEXTS = new TypedNull("_text");
}
