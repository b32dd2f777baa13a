/**
 * The benchmarks: what {@code pgmatch bench} runs, from a checkout. A {@link io.pgmatch.bench.Scenario} yields {@link
 * io.pgmatch.bench.Figure figures}; {@link io.pgmatch.bench.Bench} gives it a database, pools and matchers.
 */
@NullMarked
package io.pgmatch.bench;

import org.jspecify.annotations.NullMarked;
