package io.pgmatch.store;

import io.pgmatch.model.NewTask;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A task as COPY wants it, but for what only the insert can know: its id, and when it expires.
 *
 * <p>Made where the task is submitted: its size is then known, and what writes many tasks only copies
 * bytes.
 */
public final class TaskText {
    private static final int UTF_8_BYTES_MAX = 3;

    private final byte[] columns;
    private final long expiresInMillis;

    private TaskText(byte[] columns, long expiresInMillis) {
        this.columns = columns;
        this.expiresInMillis = expiresInMillis;
    }

    /** The text of a task. */
    public static TaskText of(NewTask task) {
        String ref = task.ref();
        String attributes = task.attributes();
        int characters = task.pool().length() + (ref == null ? 2 : ref.length()) + attributes.length();
        Encoder encoder = new Encoder(characters + characters / 8 + 16);
        encoder.value(task.pool());
        encoder.separator('\t');
        encoder.value(ref);
        encoder.separator('\t');
        encoder.value(attributes);
        encoder.separator('\n');
        return new TaskText(
                encoder.bytes(),
                task.expiresIn() == null ? 0 : Math.max(1, task.expiresIn().toMillis()));
    }

    /** Bytes that it takes. */
    public int length() {
        return columns.length;
    }

    /** The columns pool, ref and attributes, and the end of the line. */
    byte[] columns() {
        return columns;
    }

    /** How long after its insert the task expires; 0 for never. */
    long expiresInMillis() {
        return expiresInMillis;
    }

    /** UTF-8, with the characters escaped that mean something to COPY. Lone surrogates never get here. */
    private static final class Encoder {
        private byte[] bytes;
        private int length;

        Encoder(int capacity) {
            bytes = new byte[capacity];
        }

        void separator(char separator) {
            require(1);
            bytes[length++] = (byte) separator;
        }

        void value(@Nullable String text) {
            if (text == null) {
                escape('N');
                return;
            }
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c < 0x80) {
                    switch (c) {
                        case '\\' -> escape('\\');
                        case '\t' -> escape('t');
                        case '\n' -> escape('n');
                        case '\r' -> escape('r');
                        default -> separator(c);
                    }
                } else if (Character.isHighSurrogate(c)) {
                    wide(text.codePointAt(i++));
                } else {
                    wide(c);
                }
            }
        }

        private void escape(char letter) {
            separator('\\');
            separator(letter);
        }

        private void wide(int codePoint) {
            require(UTF_8_BYTES_MAX + 1);
            if (codePoint < 0x800) {
                bytes[length++] = (byte) (0xC0 | codePoint >> 6);
            } else {
                if (codePoint < 0x10000) {
                    bytes[length++] = (byte) (0xE0 | codePoint >> 12);
                } else {
                    bytes[length++] = (byte) (0xF0 | codePoint >> 18);
                    bytes[length++] = (byte) (0x80 | codePoint >> 12 & 0x3F);
                }
                bytes[length++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
            }
            bytes[length++] = (byte) (0x80 | codePoint & 0x3F);
        }

        private void require(int more) {
            if (length + more > bytes.length) {
                bytes = Arrays.copyOf(bytes, 2 * bytes.length + more);
            }
        }

        byte[] bytes() {
            return Arrays.copyOf(bytes, length);
        }
    }
}
