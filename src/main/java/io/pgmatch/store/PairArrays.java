package io.pgmatch.store;

import io.pgmatch.model.PairOfIds;
import java.util.List;

/** Pairs as statements take them. */
record PairArrays(long[] firsts, long[] seconds, long[] all) {
    static PairArrays of(List<PairOfIds> pairs) {
        long[] firsts = pairs.stream().mapToLong(PairOfIds::firstId).toArray();
        long[] seconds = pairs.stream().mapToLong(PairOfIds::secondId).toArray();
        long[] all = new long[firsts.length + seconds.length];
        System.arraycopy(firsts, 0, all, 0, firsts.length);
        System.arraycopy(seconds, 0, all, firsts.length, seconds.length);
        return new PairArrays(firsts, seconds, all);
    }
}
