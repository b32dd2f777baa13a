package io.pgmatch.buffer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.pgmatch.model.BatchReceipt;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.TaskNotInsertedException;
import io.pgmatch.store.TaskText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Tasks that were submitted together, under an id of the caller's. Thread-safe. */
final class Batch {
    final CompletableFuture<BatchReceipt> future = new CompletableFuture<>();
    private final UUID id;
    private final List<Entry> members = new ArrayList<>();
    private final long bytes;

    @GuardedBy("this")
    private final SortedMap<Integer, String> refused = new TreeMap<>();

    @GuardedBy("this")
    private int inserted;

    @GuardedBy("this")
    private int answered;

    @GuardedBy("this")
    private boolean repeated;

    @GuardedBy("this")
    private @Nullable TaskNotInsertedException failure;

    Batch(UUID id, List<NewTask> tasks) {
        this.id = id;
        long size = 0;
        for (NewTask task : tasks) {
            Member member = new Member(task, members.size());
            members.add(member);
            size += member.bytes;
        }
        bytes = size;
    }

    UUID id() {
        return id;
    }

    List<Entry> members() {
        return members;
    }

    long bytes() {
        return bytes;
    }

    private final class Member extends Entry {
        private final int index;

        Member(NewTask task, int index) {
            super(task, TaskText.of(task), null, Batch.this);
            this.index = index;
        }

        @Override
        void answer() {
            answered(this, index);
        }
    }

    /** Hears that an earlier submission has inserted the batch; before the answers. */
    synchronized void setRepeated() {
        repeated = true;
    }

    private void answered(Entry member, int index) {
        boolean last;
        synchronized (this) {
            switch (member.outcome()) {
                case ACKNOWLEDGED -> inserted++;
                case REFUSED -> {
                    if (!repeated) {
                        refused.put(index, member.explanation());
                    }
                }
                default -> failure = member.exception();
            }
            last = ++answered == members.size();
        }
        if (last) {
            complete();
        }
    }

    private void complete() {
        BatchReceipt receipt;
        TaskNotInsertedException exception;
        synchronized (this) {
            receipt = new BatchReceipt(inserted, repeated, Collections.unmodifiableSortedMap(new TreeMap<>(refused)));
            exception = failure;
        }
        if (exception == null) {
            future.complete(receipt);
        } else {
            future.completeExceptionally(exception);
        }
    }
}
