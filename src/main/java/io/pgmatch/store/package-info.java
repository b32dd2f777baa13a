/** One class per statement or small family; the only importer of jOOQ. */
@NullMarked
package io.pgmatch.store;

import org.jspecify.annotations.NullMarked;
