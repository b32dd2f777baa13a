package io.pgmatch.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** An event of the log as one line: time, level, what happened, and the error that came of it. */
final class LogLine extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneId.systemDefault());

    private final boolean verbose;

    /** With {@code verbose}, lines name their thread, and stack traces follow them. */
    LogLine(boolean verbose) {
        this.verbose = verbose;
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(TIME.format(event.getInstant()))
                .append(' ')
                .append("%-5s".formatted(event.getLevel()))
                .append(verbose ? " [" + event.getThreadName() + "] " : " ")
                .append(Words.oneLine(event.getFormattedMessage()));
        IThrowableProxy fault = event.getThrowableProxy();
        if (fault != null) {
            line.append(": ").append(Words.oneLine(String.valueOf(fault.getMessage())));
        }
        line.append('\n');
        if (fault != null && verbose) {
            line.append(ThrowableProxyUtil.asString(fault));
        }
        return line.toString();
    }
}
