/** The dual queue: callers append and go on, one writer drains and inserts in bulk. */
@NullMarked
package io.pgmatch.buffer;

import org.jspecify.annotations.NullMarked;
