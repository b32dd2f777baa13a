package io.pgmatch.rule;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A number that grows while a task waits.
 *
 * @param initial what it is at first
 * @param ramps how it grows, each beginning when the one before has reached its limit; none if it
 *     stays
 */
record Bound(BigDecimal initial, List<Ramp> ramps) {
    Bound {
        ramps = List.copyOf(ramps);
    }

    /**
     * Growth in equal steps, the last of which may be shorter.
     *
     * @param startMicros the wait at which the ramp begins; the first step is taken one interval
     *     later
     * @param from the bound at the start
     * @param everyMicros the interval between steps
     * @param by what a step adds
     * @param limit the bound after the last step
     * @param steps how many steps there are, at least 1
     */
    record Ramp(long startMicros, BigDecimal from, long everyMicros, BigDecimal by, BigDecimal limit, long steps) {
        Ramp {
            if (startMicros < 0 || everyMicros < 1 || steps < 1 || by.signum() <= 0 || limit.compareTo(from) <= 0) {
                throw new IllegalArgumentException("ramp: wanted growth from %s to %s by %s in %d steps, every %d"
                        .formatted(from, limit, by, steps, everyMicros));
            }
        }

        long endMicros() {
            return startMicros + steps * everyMicros;
        }

        private long stepsTaken(long waitedMicros) {
            return Math.min(steps, (waitedMicros - startMicros) / everyMicros);
        }
    }

    /** What the number is after a wait. */
    BigDecimal at(long waitedMicros) {
        Ramp ramp = rampAt(waitedMicros);
        if (ramp == null) {
            return initial;
        }
        long taken = ramp.stepsTaken(waitedMicros);
        return taken == ramp.steps() ? ramp.limit() : ramp.from().add(ramp.by().multiply(BigDecimal.valueOf(taken)));
    }

    /** The shortest wait beyond {@code waitedMicros} at which the number is another one. */
    long nextChangeMicros(long waitedMicros) {
        Ramp ramp = rampAt(waitedMicros);
        if (ramp == null) {
            return Waiting.NEVER_MICROS;
        }
        long taken = ramp.stepsTaken(waitedMicros);
        return taken == ramp.steps() ? Waiting.NEVER_MICROS : ramp.startMicros() + (taken + 1) * ramp.everyMicros();
    }

    /** The last ramp that has begun. As the first begins at 0, null means that there are none. */
    private @Nullable Ramp rampAt(long waitedMicros) {
        for (int i = ramps.size() - 1; i >= 0; i--) {
            if (ramps.get(i).startMicros() <= waitedMicros) {
                return ramps.get(i);
            }
        }
        return null;
    }
}
