package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.model.PoolAudit;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code verify}: holds the database against the contract. */
@Command(
        name = "verify",
        description = {
            "Audits the database: nothing lost, nothing paired twice, nobody forgotten.",
            "It checks: no task in two places (S1), inserted = waiting + 2 x pairs + retired (S2),"
                    + " every pair legal under its rule (S3); and counts the legal pairs that still wait (L1).",
            "Reads everything, in one snapshot, so it may run while others insert and match. Exit 1 on a"
                    + " breach of S1 to S3."
        })
final class VerifyCommand implements Callable<Integer> {
    private static final Listing<PoolAudit> LISTING = new Listing<>(List.of(
            Column.of("pool", PoolAudit::pool),
            Column.of("inserted", PoolAudit::inserted),
            Column.of("waiting", PoolAudit::waiting),
            Column.of("pairs", PoolAudit::pairs),
            Column.of("retired", PoolAudit::retired),
            Column.of("legal_pairs_left", PoolAudit::legalPairsLeft),
            Column.of("paused", PoolAudit::paused),
            Column.forPeople("S1_S2_S3", audit -> audit.isSafe() ? "hold" : "BROKEN"),
            Column.forPrograms("safe", PoolAudit::isSafe),
            Column.forPrograms("at_rest", PoolAudit::isAtRest),
            Column.forPrograms("breaches", PoolAudit::breaches)));

    private final CommandContext context;

    @Option(names = "--pool", paramLabel = "POOL", description = "Only this pool; default: all there ever were.")
    private @Nullable String pool;

    @Option(names = "--at-rest", description = "Exit 1, too, if a legal pair still waits in a pool that is not paused.")
    private boolean atRest;

    @Mixin
    private ClassPathOption classPath = new ClassPathOption();

    @Mixin
    private FormatOption format = new FormatOption();

    VerifyCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        return context.onMigrated(CommandContext.REPORT_TIMEOUT, this::audit);
    }

    private int audit(Pgmatch pgmatch) {
        List<PoolAudit> audits = pgmatch.withClassLoader(classPath.loader()).audit(pool);
        Console console = context.console();
        LISTING.print(console, format.get(), audits, "no pools");
        List<String> breaches = audits.stream()
                .flatMap(audit -> audit.breaches().stream().map(breach -> "pool " + audit.pool() + ": " + breach))
                .toList();
        if (format.get() == Format.TABLE) {
            breaches.forEach(breach -> console.line(Words.oneLine(breach)));
        }
        long left = audits.stream()
                .filter(audit -> !audit.isAtRest())
                .mapToLong(PoolAudit::legalPairsLeft)
                .sum();
        console.flush();
        if (!breaches.isEmpty()) {
            console.error("the audit found " + Words.count(breaches.size(), "breach", "breaches") + " of S1 to S3");
            return Failures.FAILED;
        }
        if (atRest && left > 0) {
            console.error("the audit found " + Words.count(left, "legal pair") + " not made (L1)");
            return Failures.FAILED;
        }
        if (format.get() == Format.TABLE) {
            console.line(
                    left == 0
                            ? "the audit holds: S1 to S3, and no legal pair waits to be made (L1)"
                                    + inPausedPools(audits)
                            : "the audit holds: S1 to S3; legal pairs waiting to be made (L1): " + left);
        }
        return 0;
    }

    private static String inPausedPools(List<PoolAudit> audits) {
        long waiting = audits.stream()
                .filter(PoolAudit::paused)
                .mapToLong(PoolAudit::legalPairsLeft)
                .sum();
        return waiting == 0 ? "" : ", but for " + waiting + " in paused pools";
    }
}
