package io.pgmatch.cli;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;

/**
 * Whether people watch. The shell is asked: {@link System#console} speaks of input and output at once,
 * and in other words with each Java.
 */
final class Terminal {
    private Terminal() {}

    /** Whether standard output is a terminal that can move its cursor. */
    static boolean isStandardOutput() {
        return isCapable() && isTerminal(1);
    }

    /** Whether standard error is a terminal that can move its cursor. */
    static boolean isStandardError() {
        return isCapable() && isTerminal(2);
    }

    private static boolean isCapable() {
        String kind = System.getenv("TERM");
        return kind != null && !kind.isEmpty() && !kind.equals("dumb");
    }

    private static boolean isTerminal(int descriptor) {
        try {
            Process test = new ProcessBuilder("sh", "-c", "test -t " + descriptor)
                    .redirectOutput(Redirect.INHERIT)
                    .redirectError(Redirect.INHERIT)
                    .start();
            return test.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
