/** The words of the domain as records and enums; imports nothing of ours. */
@NullMarked
package io.pgmatch.model;

import org.jspecify.annotations.NullMarked;
