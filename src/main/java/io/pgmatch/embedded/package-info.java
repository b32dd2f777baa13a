/** The bundled PostgreSQL of the demo, of {@code pgmatch db} and of the tests. */
@NullMarked
package io.pgmatch.embedded;

import org.jspecify.annotations.NullMarked;
