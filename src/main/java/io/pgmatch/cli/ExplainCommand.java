package io.pgmatch.cli;

import io.pgmatch.Pgmatch;
import io.pgmatch.cli.Column.Json;
import io.pgmatch.model.JudgedCondition;
import io.pgmatch.model.PairExplanation;
import io.pgmatch.model.Task;
import io.pgmatch.model.TaskExplanation;
import io.pgmatch.model.TaskExplanation.TurnedAway;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code explain}. */
@Command(
        name = "explain",
        description = {
            "Says why two waiting tasks may be paired, or may not: each condition, in both directions.",
            "With one task, why it waits: how many others each condition turns away, which came nearest, and when"
                    + " it is searched for next."
        })
final class ExplainCommand implements Callable<Integer> {
    private static final Listing<Task> TASK = new Listing<>(List.of(
            Column.of("id", Task::id),
            Column.of("ref", Task::ref),
            Column.of("waited", Task::waited),
            Column.of("state", TasksCommand::state),
            Column.of("search_in", Task::searchIn),
            Column.of("attributes", task -> new Json(task.attributes()))));

    private static final Listing<TurnedAway> TURNED_AWAY = new Listing<>(List.of(
            Column.of("turned_away", TurnedAway::tasks),
            Column.of("by_it_alone", TurnedAway::alone),
            Column.of("place", each -> each.condition().place()),
            Column.of("condition", each -> new Json(each.condition().condition()))));

    private final CommandContext context;

    @Parameters(index = "0", paramLabel = "A", description = "A waiting task: its id, or with --pool its ref.")
    private String one = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "B", description = "Another one.")
    private @Nullable String other;

    @Option(names = "--pool", paramLabel = "POOL", description = "The pool they wait in; default: looked up.")
    private @Nullable String pool;

    @Mixin
    private ClassPathOption classPath = new ClassPathOption();

    @Mixin
    private FormatOption format = new FormatOption();

    ExplainCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        ClassLoader classLoader = classPath.loader();
        return context.onMigrated(CommandContext.REPORT_TIMEOUT, pgmatch -> {
            Pgmatch judging = pgmatch.withClassLoader(classLoader);
            if (other != null) {
                print(judging.explain(pool, one, other));
            } else {
                print(judging.explain(pool, one));
            }
            return 0;
        });
    }

    private void print(PairExplanation explanation) {
        switch (format.get()) {
            case TABLE -> printTable(explanation);
            case JSON -> context.console().line(object(explanation));
            case CSV -> conditions(explanation).print(context.console(), Format.CSV, explanation.conditions(), "");
        }
    }

    private void print(TaskExplanation explanation) {
        switch (format.get()) {
            case TABLE -> printTable(explanation);
            case JSON -> context.console().line(object(explanation));
            case CSV -> TURNED_AWAY.print(context.console(), Format.CSV, explanation.turnedAway(), "");
        }
    }

    private void printTable(PairExplanation explanation) {
        context.console()
                .line(named(explanation.first()) + " and " + named(explanation.second()) + " may "
                        + (explanation.accepted() ? "" : "not ") + "be paired now; "
                        + change(explanation.changesAt(), explanation.now()));
        conditions(explanation)
                .print(context.console(), Format.TABLE, explanation.conditions(), "the rule has no conditions");
    }

    private void printTable(TaskExplanation explanation) {
        Console console = context.console();
        Task task = explanation.task();
        console.line(named(task) + " of pool " + task.pool() + " has waited " + Durations.shown(task.waited())
                + " and is searched for " + TasksCommand.nextSearch(task.searchIn()));
        console.line("read " + Words.count(explanation.read(), "other waiting task")
                + (explanation.cut() ? ", and there are more" : "") + ": it may be paired with "
                + explanation.legal());
        TURNED_AWAY.print(console, Format.TABLE, explanation.turnedAway(), "nothing turns anybody away");
        PairExplanation nearest = explanation.nearest();
        if (nearest != null) {
            console.line("the nearest miss is " + named(nearest.second()) + "; "
                    + change(nearest.changesAt(), nearest.now()));
            conditions(nearest)
                    .print(
                            console,
                            Format.TABLE,
                            nearest.conditions().stream()
                                    .filter(condition -> condition.depth() == 0 && !condition.holds())
                                    .toList(),
                            "");
        }
    }

    private static String object(PairExplanation explanation) {
        return new Listing<PairExplanation>(List.of(
                        Column.of("pool", each -> each.first().pool()),
                        Column.of("first", each -> new Json(TASK.object(each.first()))),
                        Column.of("second", each -> new Json(TASK.object(each.second()))),
                        Column.of("accepted", PairExplanation::accepted),
                        Column.of("now", PairExplanation::now),
                        Column.of("changes_at", PairExplanation::changesAt),
                        Column.of(
                                "conditions", each -> new Json(conditions(each).array(each.conditions())))))
                .object(explanation);
    }

    private static String object(TaskExplanation explanation) {
        return new Listing<TaskExplanation>(List.of(
                        Column.of("pool", each -> each.task().pool()),
                        Column.of("task", each -> new Json(TASK.object(each.task()))),
                        Column.of("read", TaskExplanation::read),
                        Column.of("cut", TaskExplanation::cut),
                        Column.of("legal", TaskExplanation::legal),
                        Column.of("turned_away", each -> new Json(TURNED_AWAY.array(each.turnedAway()))),
                        Column.of("nearest", each -> {
                            PairExplanation nearest = each.nearest();
                            return nearest == null ? null : new Json(object(nearest));
                        })))
                .object(explanation);
    }

    private static Listing<JudgedCondition> conditions(PairExplanation explanation) {
        Instant now = explanation.now();
        return new Listing<>(List.of(
                Column.of("from", each -> each.direction().seekerId()),
                Column.of("to", each -> each.direction().partnerId()),
                Column.forPeople(
                        "place",
                        each -> "  ".repeat(each.depth()) + each.place().place()),
                Column.forPrograms("place", each -> each.place().place()),
                Column.of("holds", JudgedCondition::holds),
                Column.of("compared", JudgedCondition::compared),
                Column.forPeople("changes_in", each -> {
                    Instant at = each.changesAt();
                    return at == null ? null : Duration.between(now, at);
                }),
                Column.forPrograms("changes_at", JudgedCondition::changesAt),
                Column.of("condition", each -> new Json(each.place().condition()))));
    }

    private static String named(Task task) {
        return "task " + task.id() + (task.ref() == null ? "" : " (" + Words.oneLine(task.ref()) + ")");
    }

    private static String change(@Nullable Instant at, Instant now) {
        return at == null
                ? "that will not change"
                : "that may change in " + Durations.shown(Duration.between(now, at)) + ", at " + at;
    }
}
