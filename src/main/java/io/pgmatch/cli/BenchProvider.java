package io.pgmatch.cli;

import picocli.CommandLine;

/**
 * Brings the command {@code bench}. The benchmarks are no part of the jar; where they are on the class path, in a
 * checkout, {@link java.util.ServiceLoader} finds them by this.
 */
interface BenchProvider {
    /** The command with its scenarios. */
    CommandLine command(CommandContext context);
}
