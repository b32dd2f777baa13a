package io.pgmatch.cli;

import io.pgmatch.model.PgmatchException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what a command throws into one line on stderr and an exit code. */
final class Failures {
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;

    private static final int SUGGESTIONS_MAX = 3;

    /** How picocli says that a number does not fit. */
    private static final Pattern NO_NUMBER = Pattern.compile("'(.*)' is not an? (?:int|long)");

    private final CommandContext context;

    Failures(CommandContext context) {
        this.context = context;
    }

    /** What a command threw; returns the exit code. */
    int handle(Throwable fault) {
        if (fault instanceof Console.ClosedException) {
            return 0;
        }
        if (fault instanceof ParameterException usage) {
            return handleUsage(usage);
        }
        tell(message(fault), fault);
        return fault instanceof ConnectionUsageException ? WRONG_USAGE : FAILED;
    }

    /** Arguments that do not fit: one line, which also says where to read more. */
    int handleUsage(ParameterException fault) {
        String command = fault.getCommandLine().getCommandSpec().qualifiedName();
        tell(usageMessage(fault) + "; see: " + command + " --help", fault);
        return WRONG_USAGE;
    }

    private void tell(String message, Throwable fault) {
        context.console().error(message);
        if (context.verbose()) {
            context.console().trace(fault);
        }
    }

    private static String message(Throwable fault) {
        if (fault instanceof PgmatchException known && known.getMessage() != null) {
            return known.getMessage();
        }
        return "an error in pgmatch itself: " + fault + "; --verbose shows where";
    }

    private static String usageMessage(ParameterException fault) {
        if (fault instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String first = unmatched.getUnmatched().get(0);
            boolean command = !unmatched.isUnknownOption()
                    && !fault.getCommandLine().getSubcommands().isEmpty();
            String what = unmatched.isUnknownOption()
                    ? "unknown option "
                    : command ? "unknown command " : "unexpected argument ";
            List<String> known =
                    unmatched.getSuggestions().stream().limit(SUGGESTIONS_MAX).toList();
            return what + first + (known.isEmpty() ? "" : "; did you mean " + String.join(" or ", known) + "?");
        }
        String message =
                NO_NUMBER.matcher(String.valueOf(fault.getMessage())).replaceAll("wanted a whole number, got \"$1\"");
        return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }
}
