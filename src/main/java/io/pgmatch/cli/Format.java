package io.pgmatch.cli;

/** How a listing is written. */
enum Format {
    /** For people. */
    TABLE,
    /** For programs: snake_case names, ISO 8601 times, durations in seconds. */
    JSON,
    /** For spreadsheets: a header, then a line for each row; the values of JSON. */
    CSV
}
