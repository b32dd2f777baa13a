/** Other ways to pair rows, each written as its friends would write it, for the scenario {@code peers}. */
@NullMarked
package io.pgmatch.bench.peers;

import org.jspecify.annotations.NullMarked;
