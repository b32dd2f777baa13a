package io.pgmatch.rule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A pool's rule: which two tasks may be paired. The one judge of that; what the database narrows by is
 * a superset. Immutable and safe for use by several threads; reads no clock.
 */
public final class Rule {
    private static final List<String> KEYS = List.of("attributes", "match", "prefer", "clock");
    private static final List<String> CLOCKS = List.of("each", "oldest", "newest");

    private final JsonNode document;
    private final Attributes attributes;
    private final List<Condition> conditions;
    private final AttributeReader everything;
    private final AttributeReader needed;

    private Rule(JsonNode document, Attributes attributes, List<Condition> conditions) {
        this.document = document;
        this.attributes = attributes;
        this.conditions = List.copyOf(conditions);
        int slots = attributes.declared().size();
        Set<Attribute> read = new LinkedHashSet<>();
        conditions.forEach(condition -> condition.read(read::add));
        this.everything = new AttributeReader(attributes.declared(), slots);
        this.needed = new AttributeReader(read, slots);
    }

    /**
     * The rule that a JSON document of at most 64 KiB and 64 levels of nesting describes.
     *
     * @throws RuleException if the text is not JSON or breaks the language; the message names the place,
     *     what was wanted and what came
     */
    public static Rule parse(String json) {
        JsonNode document = RuleJson.readDocument("rule", json);
        RuleObject rule = RuleObject.of("rule", document, "an object such as {\"match\": []}")
                .asRoot();
        rule.allowOnly(KEYS);
        Attributes attributes = AttributeParser.parse(rule.get("attributes"));
        List<Condition> conditions = new ConditionParser(attributes).parseList("match", rule.get("match"));
        if (rule.has("clock")) {
            rule.word("clock", CLOCKS);
        }
        JsonNode prefer = rule.get("prefer");
        if (prefer != null && !isOldest(prefer)) {
            throw new RuleException(
                    "prefer", "[\"oldest\"], the only preference that this version knows", RuleJson.shown(prefer));
        }
        return new Rule(document, attributes, conditions);
    }

    /** The rule as compact JSON, keys in the order in which they were written. */
    public String source() {
        return RuleJson.write(document);
    }

    /**
     * What the database needs of the rule, as JSON: {@code {"attributes": [{"name", "type",
     * "optional"?, "default"?, "oneOf"?}, …], "bucket": [names that must be equal]}}. Attributes stand in
     * the order of declaration, the names of the bucket in alphabetical order, each once.
     */
    public String compiled() {
        ObjectNode program = JsonNodeFactory.instance.objectNode();
        ArrayNode declarations = program.putArray("attributes");
        for (Attribute attribute : attributes.declared()) {
            JsonNode declared = document.path("attributes").path(attribute.name());
            ObjectNode declaration = declarations.addObject();
            declaration.put("name", attribute.name());
            declaration.put("type", attribute.type().word());
            if (attribute.optional()) {
                declaration.put("optional", true);
            }
            for (String key : List.of("default", "oneOf")) {
                if (declared.has(key)) {
                    declaration.set(key, declared.get(key));
                }
            }
        }
        ArrayNode bucket = program.putArray("bucket");
        bucket().forEach(bucket::add);
        return RuleJson.write(program);
    }

    /** Whether {@link #accepts} looks at any attribute; if not, callers need not fetch them. */
    public boolean readsAttributes() {
        return !needed.readsNothing();
    }

    /**
     * A task as this rule sees it. Only the attributes that the rule looks at are read, and checked.
     *
     * @param id the task's id
     * @param attributesJson the task's attributes, a JSON object; null only if {@link #readsAttributes}
     *     is false
     * @param insertedAt since when the task waits, by the database's clock
     * @throws RuleException if the attributes break the declaration
     */
    public Subject subject(long id, @Nullable String attributesJson, Instant insertedAt) {
        Objects.requireNonNull(insertedAt, "insertedAt");
        if (needed.readsNothing()) {
            return new Subject(id, insertedAt, new Object[attributes.declared().size()]);
        }
        if (attributesJson == null) {
            throw new IllegalArgumentException("attributesJson: wanted a JSON object, got null for task " + id);
        }
        return new Subject(id, insertedAt, needed.read(attributesJson));
    }

    /**
     * Checks all declared attributes of a task, as the database does on insert.
     *
     * @param attributesJson what the task has, a JSON object; of a key that comes twice the last counts
     * @throws RuleException if the attributes break the declaration; the message names the attribute,
     *     what was wanted and what came
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
     * Whether the two may be paired. The same for (one, other) as for (other, one); a task is never its
     * own partner. A condition that needs a value which a task lacks is false.
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
        for (Condition condition : conditions) {
            if (!condition.holds(one, other)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return source();
    }

    private Collection<String> bucket() {
        Set<String> names = new TreeSet<>();
        for (Condition condition : conditions) {
            condition.read(attribute -> names.add(attribute.name()));
        }
        return names;
    }

    private static boolean isOldest(JsonNode prefer) {
        return prefer.isArray()
                && (prefer.isEmpty()
                        || prefer.size() == 1 && "oldest".equals(prefer.get(0).textValue()));
    }
}
