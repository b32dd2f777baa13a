package io.pgmatch.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A file that may grow: at its end it waits for more, until it is told to stop. */
final class Tailing extends FilterInputStream {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final CountDownLatch stopped;

    Tailing(InputStream in, CountDownLatch stopped) {
        super(in);
        this.stopped = stopped;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            while (true) {
                int count = super.read(buffer, offset, length);
                if (count > 0 || stopped.await(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                    return count > 0 ? count : -1;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }
}
