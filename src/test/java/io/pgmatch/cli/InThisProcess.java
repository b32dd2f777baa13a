package io.pgmatch.cli;

import io.pgmatch.testing.PgmatchProcess.Outcome;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Runs a command without a process of its own: for the many cases of commands that have no use for one. */
final class InThisProcess {
    private InThisProcess() {}

    static Outcome pgmatch(List<String> arguments) {
        ByteArrayOutputStream results = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int code = Main.run(new Console(results, errors), Map.of(), arguments);
        return new Outcome(code, lines(results), lines(errors));
    }

    private static List<String> lines(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
