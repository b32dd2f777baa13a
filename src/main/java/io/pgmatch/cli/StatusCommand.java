package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.model.PoolStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code status}: how the pools stand. */
@Command(
        name = "status",
        description = {
            "Shows how each pool stands, and the version of the schema.",
            "Waiting tasks, those of them to be searched for now, the longest wait, pairs made, pairs of the last"
                    + " minute, tasks that were retired (cancelled, expired or dropped)."
        })
final class StatusCommand implements Callable<Integer> {
    private static final List<Column<PoolStatus>> COLUMNS = List.of(
            Column.of("pool", PoolStatus::pool),
            Column.of("paused", PoolStatus::paused),
            Column.of("waiting", PoolStatus::waiting),
            Column.of("due", PoolStatus::due),
            Column.of("oldest_wait", PoolStatus::oldestWait),
            Column.of("pairs", PoolStatus::pairs),
            Column.of("pairs_last_minute", PoolStatus::pairsLastMinute),
            Column.of("retired", PoolStatus::retired));

    private final CommandContext context;

    @Option(names = "--pool", paramLabel = "POOL", description = "Only this pool; default: all.")
    private @Nullable String pool;

    @Mixin
    private FormatOption format = new FormatOption();

    StatusCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        return context.onMigrated(CommandContext.REPORT_TIMEOUT, this::show);
    }

    private int show(Pgmatch pgmatch) {
        int version = pgmatch.schemaVersion();
        List<PoolStatus> statuses = pgmatch.status(pool);
        Console console = context.console();
        Listing<PoolStatus> listing = new Listing<>(COLUMNS);
        switch (format.get()) {
            case TABLE -> {
                listing.print(console, Format.TABLE, statuses, "no pools");
                console.line("schema version " + version);
            }
            case JSON -> console.line("{\"schema_version\":" + version + ",\"pools\":" + listing.array(statuses) + "}");
            case CSV -> {
                List<Column<PoolStatus>> columns = new ArrayList<>(COLUMNS);
                columns.add(Column.of("schema_version", status -> version));
                new Listing<>(columns).print(console, Format.CSV, statuses, "");
            }
        }
        return 0;
    }
}
