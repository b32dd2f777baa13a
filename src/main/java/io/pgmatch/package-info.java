/** What an embedding program sees: matchers to run inside itself, pools and audits. */
@NullMarked
package io.pgmatch;

import org.jspecify.annotations.NullMarked;
