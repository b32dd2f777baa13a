package io.pgmatch.rule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.pgmatch.model.SearchPlan;
import io.pgmatch.model.TaskNeeds;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pool's rule: which two tasks may be paired, and whom a task prefers. The one judge of that;
 * what the database narrows by is a superset. Immutable and safe for use by several threads; reads
 * no clock.
 */
public final class Rule {
    private final JsonNode document;
    private final Attributes attributes;
    private final AllOf match;
    private final List<Preference> preferences;
    private final Clock clock;
    private final @Nullable Gap gap;
    private final Narrowing narrowing;
    private final AttributeReader everything;
    private final AttributeReader needed;
    private final boolean changes;
    private final boolean oneWay;

    Rule(JsonNode document, Attributes attributes, AllOf match, List<Preference> preferences, Clock clock) {
        this.document = document;
        this.attributes = attributes;
        this.match = match;
        this.preferences = List.copyOf(preferences);
        this.clock = clock;
        this.gap = Gap.of(preferences);
        this.narrowing = new Narrowing(match, this.preferences, clock);
        int slots = attributes.declared().size();
        Set<Attribute> read = new LinkedHashSet<>();
        match.read(read::add);
        preferences.forEach(preference -> preference.read(read::add));
        this.everything = new AttributeReader(attributes.declared(), slots);
        this.needed = new AttributeReader(read, slots);
        this.changes = match.nextChangeMicros(0) != Waiting.NEVER_MICROS;
        this.oneWay = (!changes || clock != Clock.EACH) && !asksJava(match);
    }

    /**
     * The rule that a JSON document of at most 64 KiB and 64 levels of nesting describes, in the
     * whole language but for conditions written in Java; see {@link RuleLanguage}.
     *
     * @throws RuleException if the text is not JSON or breaks the language; the message names the
     *     place, what was wanted and what came
     */
    public static Rule parse(String json) {
        return RuleLanguage.whole().parse(json);
    }

    /** The rule as compact JSON, keys in the order in which they were written. */
    public String source() {
        return RuleJson.write(document);
    }

    /**
     * What the database needs of the rule, to check tasks on insert and to narrow the search: the
     * JSON that V002__admission.sql reads.
     */
    public String compiled() {
        return Program.compile(document, attributes, narrowing);
    }

    /**
     * What callers have to fetch of each task for the rule to judge it. If not its attributes, {@link
     * #subject} takes null for them; if not since when it waits, any instant.
     */
    public TaskNeeds needs() {
        return new TaskNeeds(!needed.readsNothing(), narrowing.sides() != null, changes || asksJava(match));
    }

    /** Whether the rule changes while a task waits; if not, {@link #nextChange} is always never. */
    public boolean changes() {
        return changes;
    }

    /**
     * A task as this rule sees it. Only the attributes that the rule looks at are read, and
     * checked.
     *
     * @param id the task's id
     * @param attributesJson the task's attributes, a JSON object; null only if the rule {@linkplain
     *     #needs needs} none
     * @param insertedAt since when the task waits, by the database's clock
     * @throws RuleException if the attributes break the declaration
     */
    public Subject subject(long id, @Nullable String attributesJson, Instant insertedAt) {
        Objects.requireNonNull(insertedAt, "insertedAt");
        if (needed.readsNothing()) {
            return new Subject(
                    id, insertedAt, attributes, new Object[attributes.declared().size()]);
        }
        if (attributesJson == null) {
            throw new IllegalArgumentException("attributesJson: wanted a JSON object, got null for task " + id);
        }
        return new Subject(id, insertedAt, attributes, needed.read(attributesJson));
    }

    /**
     * Checks all declared attributes of a task, as the database does on insert.
     *
     * @param attributesJson what the task has, a JSON object; of a key that comes twice the last
     *     counts
     * @throws RuleException if the attributes break the declaration; the message names the
     *     attribute, what was wanted and what came
     */
    public void check(String attributesJson) {
        JsonNode task;
        try {
            task = RuleJson.readAttributes(attributesJson);
        } catch (JsonProcessingException e) {
            throw new RuleException("attributes", "a JSON object", RuleText.shown(attributesJson));
        }
        everything.read(task);
    }

    /**
     * Whether the two may be paired. The same for (one, other) as for (other, one); a task is never
     * its own partner. A condition that needs a value which a task lacks is false.
     *
     * @param one a subject of this rule
     * @param other a subject of this rule
     * @param now the instant to judge at, by the database's clock
     */
    public boolean accepts(Subject one, Subject other, Instant now) {
        Objects.requireNonNull(now, "now");
        if (one.id() == other.id()) {
            return false;
        }
        try {
            return acceptsOneWay(one, other, now) && (oneWay || acceptsOneWay(other, one, now));
        } catch (JavaCondition.Failed e) {
            return false;
        }
    }

    /**
     * The earliest instant after {@code now} at which the rule changes by the task's own wait: a
     * bound grows, or a condition is dropped. What the rule says of two tasks changes at no other
     * instants than the one's and the other's, whatever the clock: the wait that counts is always
     * one of theirs. So a task that finds nobody may sleep until then, as long as its partners do
     * the same.
     *
     * @return {@link Instant#MAX} if there is none
     */
    public Instant nextChange(Subject subject, Instant now) {
        if (!changes) {
            return Instant.MAX;
        }
        long waitedMicros = Waiting.micros(subject.insertedAt(), now);
        return Waiting.reached(subject.insertedAt(), match.nextChangeMicros(waitedMicros));
    }

    /**
     * The order in which {@code seeker} prefers its legal partners, the best first. Partners that
     * lack a value which the order asks for come after those that have it; the lower id decides in
     * the end.
     */
    public Comparator<Subject> preference(Subject seeker) {
        return (one, other) -> {
            for (Preference preference : preferences) {
                int order = preference.compare(seeker, one, other);
                if (order != 0) {
                    return order;
                }
            }
            return Long.compare(one.id(), other.id());
        };
    }

    /**
     * Whether the first of two partners in id is always preferred, by everybody: the default.
     */
    public boolean prefersOldest() {
        return preferences.isEmpty() || preferences.get(0) instanceof Preference.Oldest;
    }

    /** What {@link #gap} measures, as a report names it; null if everybody prefers the oldest alone. */
    public @Nullable String gapName() {
        return gap == null ? null : gap.name();
    }

    /**
     * How far apart the two are in what is preferred first of all but age, by {@code nearest}, {@code
     * lowest} or {@code highest}: a number, for times in seconds. Null if a value is missing.
     */
    public @Nullable BigDecimal gap(Subject one, Subject other) {
        return gap == null ? null : gap.between(one, other);
    }

    /**
     * Where the seeker's partners lie at {@code now}, for each of the buckets that it seeks, in
     * their order: whoever the rule accepts with it has a rank in that range.
     */
    public List<Stretch> stretches(Subject seeker, Instant now) {
        return narrowing.stretches(seeker, now);
    }

    /**
     * Whether narrowing says it all: any two tasks of buckets that seek each other may be paired,
     * all have the same rank, and the oldest is preferred.
     */
    public boolean isNarrowedExactly() {
        return narrowing.isExact();
    }

    /**
     * Whether each side goes with one side only, or there are no sides: then tasks of different buckets have no partners in
     * common.
     */
    public boolean isOneToOne() {
        return narrowing.isOneToOne();
    }

    /** The places of the conditions that the database narrows the search by. */
    public List<String> narrowed() {
        return narrowing.narrowed();
    }

    /**
     * The places of the conditions that it cannot narrow by: candidates are read and judged one by
     * one.
     */
    public List<String> notNarrowed() {
        return narrowing.notNarrowed();
    }

    /** The conditions that the database narrows the search by, and those that it cannot. */
    public SearchPlan searchPlan() {
        return narrowing.plan();
    }

    /**
     * Why the two may be paired at {@code now}, or may not; conditions written in Java are asked
     * anew.
     */
    public Verdict explain(Subject one, Subject other, Instant now) {
        Instant change = nextChange(one, now);
        Instant otherChange = nextChange(other, now);
        return new Verdict(
                accepts(one, other, now),
                explainOneWay(one, other, now),
                explainOneWay(other, one, now),
                change.isBefore(otherChange) ? change : otherChange);
    }

    @Override
    public String toString() {
        return source();
    }

    private boolean acceptsOneWay(Subject seeker, Subject partner, Instant now) {
        long waitedMicros = changes ? Waiting.micros(clock.since(seeker, partner), now) : 0;
        return match.holds(seeker, partner, waitedMicros);
    }

    private List<Explanation> explainOneWay(Subject seeker, Subject partner, Instant now) {
        Instant since = clock.since(seeker, partner);
        return match.parts().stream()
                .map(clause -> Explanation.of(clause, seeker, partner, since, now))
                .toList();
    }

    private static boolean asksJava(Condition condition) {
        return condition instanceof JavaCondition
                || condition.parts().stream().anyMatch(part -> asksJava(part.condition()));
    }
}
