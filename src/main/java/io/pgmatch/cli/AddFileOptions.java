package io.pgmatch.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What {@code add --file} was asked for.
 *
 * @param file its name, or - for standard input
 * @param pool the pool that its tasks go into
 * @param expiresIn for tasks that do not say themselves
 * @param refused where refused lines go besides stderr
 * @param follow whether to wait for more at the end of the file
 * @param batchId under which the file goes in only once
 * @param progress whether to show a progress bar; null if there is a terminal
 */
record AddFileOptions(
        String file,
        String pool,
        @Nullable Duration expiresIn,
        @Nullable Path refused,
        boolean follow,
        @Nullable UUID batchId,
        @Nullable Boolean progress) {
    boolean isStdin() {
        return file.equals(InputText.STDIN);
    }
}
