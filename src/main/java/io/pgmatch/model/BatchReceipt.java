package io.pgmatch.model;

import java.util.SortedMap;

/**
 * What became of a batch that was submitted under an id of the caller's choice.
 *
 * @param inserted tasks that it inserted
 * @param repeated whether that was done by an earlier submission; then nothing was inserted now, and
 *     {@code refused} is empty because the reasons are no longer known
 * @param refused the database's reason for each task that it refused, by its index in the batch
 */
public record BatchReceipt(int inserted, boolean repeated, SortedMap<Integer, String> refused) {}
