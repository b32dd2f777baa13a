/** The round, and the loop around it. */
@NullMarked
package io.pgmatch.matching;

import org.jspecify.annotations.NullMarked;
