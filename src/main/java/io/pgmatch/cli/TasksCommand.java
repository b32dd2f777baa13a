package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.cli.Column.Json;
import io.pgmatch.model.Task;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tasks}: lists who waits. */
@Command(
        name = "tasks",
        description = {
            "Lists the waiting tasks, the oldest first.",
            "It shows how long they wait and when they are searched for next."
                    + " A task that is fresh or due is searched for at once, one that is asleep later; one that is parked"
                    + " is found by the next newcomer that fits."
        })
final class TasksCommand implements Callable<Integer> {
    private static final Listing<Task> LISTING = new Listing<>(List.of(
            Column.of("pool", Task::pool),
            Column.of("id", Task::id),
            Column.of("ref", Task::ref),
            Column.of("waited", Task::waited),
            Column.of("state", TasksCommand::state),
            Column.forPeople("next_search", task -> nextSearch(task.searchIn())),
            Column.forPrograms("search_in", Task::searchIn),
            Column.forPrograms("inserted_at", Task::insertedAt),
            Column.of("expires_at", Task::expiresAt),
            Column.of("attributes", task -> new Json(task.attributes()))));

    private final CommandContext context;

    @Option(names = "--pool", paramLabel = "POOL", description = "Only this pool; default: all.")
    private @Nullable String pool;

    @Mixin
    private LimitOption limit = new LimitOption();

    @Mixin
    private FormatOption format = new FormatOption();

    TasksCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        int most = limit.get();
        return context.onMigrated(CommandContext.REPORT_TIMEOUT, pgmatch -> list(pgmatch, most));
    }

    private int list(Pgmatch pgmatch, int most) {
        List<Task> tasks = pgmatch.tasks(pool, most + 1);
        boolean more = tasks.size() > most;
        LISTING.print(context.console(), format.get(), more ? tasks.subList(0, most) : tasks, "no task waits");
        if (more && format.get() == Format.TABLE) {
            context.console().line("… and more: --limit shows as many as it says");
        }
        return 0;
    }

    /** Where a task stands in its life. */
    static String state(Task task) {
        return task.state().name().toLowerCase(Locale.ROOT);
    }

    /** When a task is searched for next. */
    static String nextSearch(@Nullable Duration searchIn) {
        if (searchIn == null) {
            return "by a newcomer";
        }
        return searchIn.isZero() || searchIn.isNegative() ? "now" : "in " + Durations.shown(searchIn);
    }
}
