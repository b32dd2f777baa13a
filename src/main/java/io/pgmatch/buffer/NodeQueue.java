package io.pgmatch.buffer;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Nodes in the order in which they were added, any of which can be taken out. Not thread-safe: the
 * {@link QueuePair} guards it.
 */
final class NodeQueue {
    private final Map<Node.RefKey, Node> byKey = new HashMap<>();
    private @Nullable Node first;
    private @Nullable Node last;
    private int tasks;
    private long bytes;

    int tasks() {
        return tasks;
    }

    long bytes() {
        return bytes;
    }

    @Nullable
    Node first() {
        return first;
    }

    @Nullable
    Node find(Node.RefKey key) {
        return byKey.get(key);
    }

    void add(Node node) {
        node.queue = this;
        node.before = last;
        if (last == null) {
            first = node;
        } else {
            last.after = node;
        }
        last = node;
        tasks++;
        bytes += node.bytes;
        if (node.key != null) {
            byKey.put(node.key, node);
        }
    }

    void remove(Node node) {
        if (node.before == null) {
            first = node.after;
        } else {
            node.before.after = node.after;
        }
        if (node.after == null) {
            last = node.before;
        } else {
            node.after.before = node.before;
        }
        node.queue = null;
        node.before = null;
        node.after = null;
        tasks--;
        bytes -= node.bytes;
        // Where coalescing is off, the key may belong to a later one.
        if (node.key != null) {
            byKey.remove(node.key, node);
        }
    }
}
