package io.pgmatch.cli;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether people watch. The shell is asked: {@link System#console} speaks of input and output at once,
 * and in other words with each Java.
 */
final class Terminal {
    private static final int COLUMNS_DEFAULT = 80;

    /** Narrower than this nothing makes sense. */
    private static final int COLUMNS_MIN = 20;

    private static final Pattern ROWS_AND_COLUMNS = Pattern.compile("\\d+ (\\d{1,4})\\s*");

    private Terminal() {}

    /** Whether standard output is a terminal that can move its cursor. */
    static boolean isStandardOutput() {
        return isCapable() && isTerminal(1);
    }

    /** Whether standard error is a terminal that can move its cursor. */
    static boolean isStandardError() {
        return isCapable() && isTerminal(2);
    }

    /** How wide standard error is, where it is a terminal; 80 where nobody says. */
    static int columns() {
        try {
            // stty speaks of its standard input.
            Process size = new ProcessBuilder("sh", "-c", "stty size <&2 2>/dev/null")
                    .redirectError(Redirect.INHERIT)
                    .start();
            Matcher answer = ROWS_AND_COLUMNS.matcher(
                    new String(size.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            int columns = answer.matches() ? Integer.parseInt(answer.group(1)) : 0;
            return columns >= COLUMNS_MIN ? columns : COLUMNS_DEFAULT;
        } catch (IOException e) {
            return COLUMNS_DEFAULT;
        }
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
