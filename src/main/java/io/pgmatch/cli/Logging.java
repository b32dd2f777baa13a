package io.pgmatch.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.logging.LogManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of the command line: lines with a time, on stderr.
 *
 * <p>Set here and not in a logback.xml, because the jar also serves programs that embed pgmatch, and
 * a logback.xml in it would stand against their own. {@code -Dlogback.configurationFile} wins.
 */
final class Logging {
    private static final String OWN_CONFIGURATION = "logback.configurationFile";

    /** They say again, in more lines, what our own line or an error says. */
    private static final Set<String> SILENT = Set.of("com.zaxxer.hikari", "org.flywaydb", "io.zonky", "org.jooq");

    private Logging() {}

    /** Sets up the log; with {@code verbose} errors show where they came from. */
    static void configure(boolean verbose) {
        System.setProperty("org.jooq.no-logo", "true");
        System.setProperty("org.jooq.no-tips", "true");
        // The driver logs here; what it has to say comes as an exception, too.
        LogManager.getLogManager().reset();
        if (System.getProperty(OWN_CONFIGURATION) == null
                && LoggerFactory.getILoggerFactory() instanceof LoggerContext logback) {
            configure(logback, verbose);
        }
    }

    private static void configure(LoggerContext logback, boolean verbose) {
        logback.reset();
        LogLine line = new LogLine(verbose);
        line.setContext(logback);
        line.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(logback);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(line);
        encoder.start();
        ConsoleAppender<ILoggingEvent> errors = new ConsoleAppender<>();
        errors.setContext(logback);
        errors.setTarget("System.err");
        errors.setEncoder(encoder);
        errors.start();
        var root = logback.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(errors);
        logback.getLogger("io.pgmatch").setLevel(Level.INFO);
        SILENT.forEach(name -> logback.getLogger(name).setLevel(Level.OFF));
    }
}
