/** The rule language: parse, validate, accept, narrow. Pure: no I/O, no clock, no threads. */
@NullMarked
package io.pgmatch.rule;

import org.jspecify.annotations.NullMarked;
