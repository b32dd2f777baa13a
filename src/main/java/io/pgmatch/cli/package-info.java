/** The command line: the only package that prints, reads arguments or exits. */
@NullMarked
package io.pgmatch.cli;

import org.jspecify.annotations.NullMarked;
