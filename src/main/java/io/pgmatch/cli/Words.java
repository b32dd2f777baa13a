package io.pgmatch.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.regex.Pattern;

/** Makes text fit to show: on one line, without control characters, without passwords. */
final class Words {
    private static final Pattern USER_INFO = Pattern.compile("(postgres(?:ql)?://[^\\s:@/]*):\\S*@");
    private static final Pattern PASSWORD = Pattern.compile("(password=)[^&\\s'\"]*");

    private Words() {}

    /** Control characters, line breaks among them, as escapes: what comes from data moves no cursor. */
    static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit == '\n') {
                line.append("\\n");
            } else if (unit == '\t') {
                line.append("\\t");
            } else if (Character.isISOControl(unit) || unit == '\u2028' || unit == '\u2029') {
                line.append("\\u%04x".formatted((int) unit));
            } else {
                line.append(unit);
            }
        }
        return line.toString();
    }

    /** The text with what may be a password in it left out, as where a URL stands in the wrong place. */
    static String withoutSecrets(String text) {
        String shown = USER_INFO.matcher(text).replaceAll("$1:…@");
        return PASSWORD.matcher(shown).replaceAll("$1…");
    }

    /** At most so many characters. */
    static String cut(String text, int lengthMax) {
        return text.codePointCount(0, text.length()) <= lengthMax
                ? text
                : text.substring(0, text.offsetByCodePoints(0, lengthMax - 1)) + "…";
    }

    /** A number of things: {@code 1 task}, {@code 2 tasks}. */
    static String count(long number, String thing) {
        return count(number, thing, thing + "s");
    }

    /** The same for a word with a plural of its own. */
    static String count(long number, String thing, String things) {
        return number + " " + (number == 1 ? thing : things);
    }

    /** The lines of a stack trace. */
    static List<String> trace(Throwable fault) {
        StringWriter text = new StringWriter();
        fault.printStackTrace(new PrintWriter(text));
        return text.toString().lines().toList();
    }
}
