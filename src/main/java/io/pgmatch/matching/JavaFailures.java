package io.pgmatch.matching;

import io.pgmatch.rule.JavaConditions;
import io.pgmatch.rule.RuleLanguage;
import io.pgmatch.rule.Subject;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of comparisons that conditions written in Java failed: counts each, and logs each class and
 * message once, so that a condition that always fails does not fill the log. Thread-safe.
 */
public final class JavaFailures implements JavaConditions.Failures {
    private static final Logger LOG = LoggerFactory.getLogger("io.pgmatch.Matcher");

    /** Messages may hold values, so there may be any number of them. */
    private static final int LOGGED_MAX = 100;

    private static final int MESSAGE_MAX = 500;

    private final Runnable counter;
    private final Set<String> logged = ConcurrentHashMap.newKeySet();

    private JavaFailures(Runnable counter) {
        this.counter = counter;
    }

    /**
     * The rule language with the classes of a loader.
     *
     * @param classLoader finds conditions written in Java; null if rules may name none
     * @param counter run at each failed comparison
     */
    public static RuleLanguage language(@Nullable ClassLoader classLoader, Runnable counter) {
        RuleLanguage whole = RuleLanguage.whole();
        return classLoader == null ? whole : whole.with(JavaConditions.from(classLoader, new JavaFailures(counter)));
    }

    @Override
    public void failed(String className, Subject seeker, Subject partner, Throwable cause) {
        counter.run();
        String message = cause.toString();
        String known = className + " " + message.substring(0, Math.min(message.length(), MESSAGE_MAX));
        if (logged.size() < LOGGED_MAX && logged.add(known)) {
            LOG.warn(
                    "the condition {} failed on {} and {}, which therefore do not meet; the same failure is not"
                            + " logged again",
                    className,
                    seeker,
                    partner,
                    cause);
        }
    }
}
