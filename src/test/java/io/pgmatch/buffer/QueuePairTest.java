package io.pgmatch.buffer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * The queue pair under every interleaving of two producers and a writer: linearizable, so nothing is
 * lost and nothing comes out twice.
 */
public final class QueuePairTest {
    private static final BufferConfig.Room ROOM = new BufferConfig.Room(4, 1_000, Duration.ZERO);
    private static final BufferConfig.Flushes FLUSHES = new BufferConfig.Flushes(Duration.ofSeconds(1), 2, 1_000);

    /** A task of a test. */
    private static final class Numbered extends Node {
        private final int number;

        Numbered(int ref, int number) {
            super(new RefKey("p", "r" + ref), null, 1);
            this.number = number;
        }

        @Override
        public String toString() {
            return String.valueOf(number);
        }
    }

    /** What the model checker calls, and how it sees the answers. */
    @Param(name = "ref", gen = IntGen.class, conf = "1:2")
    @Param(name = "number", gen = IntGen.class, conf = "10:99")
    public static class AsItIs {
        final QueuePair<Numbered> pair = new QueuePair<>(ROOM, FLUSHES, true);

        /** Used by the writer only. */
        private Settlement inHand = new Settlement();

        @Operation
        public String submit(@Param(name = "ref") int ref, @Param(name = "number") int number) {
            QueuePair.Answer<Numbered> answer = pair.offer(new Numbered(ref, number));
            return answer.admission() + " for " + answer.replaced();
        }

        @Operation
        public String cancel(@Param(name = "ref") int ref) {
            return String.valueOf(pair.cancel(new Node.RefKey("p", "r" + ref)));
        }

        @Operation(nonParallelGroup = "writer")
        public void swap() {
            pair.swap();
        }

        @Operation(nonParallelGroup = "writer")
        public String drain() {
            List<Numbered> taken = pair.drain();
            taken.forEach(node -> inHand.add(Outcome.ACKNOWLEDGED, node.bytes));
            return taken.toString();
        }

        @Operation(nonParallelGroup = "writer")
        public void settle() {
            pair.settled(inHand);
            inHand = new Settlement();
        }

        @Operation
        public void close() {
            pair.close();
        }
    }

    /** The same with a race planted: the writer drains without the lock. */
    @Param(name = "ref", gen = IntGen.class, conf = "1:2")
    @Param(name = "number", gen = IntGen.class, conf = "10:99")
    public static final class WithRace extends AsItIs {
        @Override
        @Operation(nonParallelGroup = "writer")
        public String drain() {
            List<Numbered> taken = new ArrayList<>();
            pair.drainUnlocked(taken, 0);
            return taken.toString();
        }
    }

    /** Cancel, replacement and drain meet over one task. */
    private static ExecutionScenario contest(Class<?> checked) throws NoSuchMethodException {
        return new ExecutionScenario(
                List.of(submit(checked, 1, 10), actor(checked, "swap")),
                List.of(
                        List.of(actor(checked, "cancel", 1), submit(checked, 2, 20)),
                        List.of(submit(checked, 1, 11)),
                        List.of(actor(checked, "drain"), actor(checked, "swap"))),
                List.of(actor(checked, "drain"), actor(checked, "swap"), actor(checked, "drain")),
                null);
    }

    /** A swap in the middle of submissions, and the end. */
    private static ExecutionScenario ending(Class<?> checked) throws NoSuchMethodException {
        return new ExecutionScenario(
                List.of(submit(checked, 1, 10)),
                List.of(
                        List.of(submit(checked, 2, 20), submit(checked, 2, 21)),
                        List.of(actor(checked, "close"), actor(checked, "cancel", 2)),
                        List.of(actor(checked, "swap"), actor(checked, "drain"))),
                List.of(actor(checked, "swap"), actor(checked, "drain")),
                null);
    }

    private static Actor submit(Class<?> checked, int ref, int number) throws NoSuchMethodException {
        return new Actor(checked.getMethod("submit", int.class, int.class), List.of(ref, number));
    }

    private static Actor actor(Class<?> checked, String name, Integer... arguments) throws NoSuchMethodException {
        Class<?>[] types = Stream.of(arguments).map(argument -> int.class).toArray(Class<?>[]::new);
        return new Actor(checked.getMethod(name, types), List.of(arguments));
    }

    @Test
    void isLinearizable() throws NoSuchMethodException {
        new ModelCheckingOptions()
                .addCustomScenario(contest(AsItIs.class))
                .addCustomScenario(ending(AsItIs.class))
                .iterations(3)
                .invocationsPerIteration(200)
                .threads(3)
                .actorsPerThread(2)
                .actorsBefore(2)
                .actorsAfter(3)
                .check(AsItIs.class);
    }

    @Test
    void isLinearizableUnderStress() {
        new StressOptions()
                .iterations(10)
                .invocationsPerIteration(1_000)
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(2)
                .actorsAfter(3)
                .check(AsItIs.class);
    }

    @Test
    void theModelCheckerCatchesAPlantedRace() throws NoSuchMethodException {
        ModelCheckingOptions options = new ModelCheckingOptions()
                .addCustomScenario(contest(WithRace.class))
                .iterations(0)
                .invocationsPerIteration(1_000)
                .minimizeFailedScenario(false);
        assertThatThrownBy(() -> options.check(WithRace.class))
                .isInstanceOf(LincheckAssertionError.class)
                .hasMessageMatching("(?s).*(Invalid execution results|unexpected exception).*");
    }
}
