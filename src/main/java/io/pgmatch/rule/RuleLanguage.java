package io.pgmatch.rule;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The language that rules are written in, or a part of it: which words are known, and where
 * conditions written in Java come from. Immutable and safe for use by several threads.
 */
public final class RuleLanguage {
    private static final List<String> KEYS = List.of("attributes", "match", "prefer", "clock");
    private static final RuleLanguage WHOLE = new RuleLanguage(allWords(), null);

    private final Set<String> words;
    private final @Nullable JavaConditions java;

    private RuleLanguage(Collection<String> words, @Nullable JavaConditions java) {
        this.words = new TreeSet<>(words);
        this.java = java;
    }

    /** The whole language, without a place to load conditions written in Java from. */
    public static RuleLanguage whole() {
        return WHOLE;
    }

    /**
     * The words that {@link #only} chooses from: the conditions, the ways in which they change with
     * time, and the preferences. What else there is in a rule is always known.
     */
    public static Set<String> words() {
        return Set.copyOf(WHOLE.words);
    }

    /**
     * The part of this language that has only these of its words; all others are refused by name.
     *
     * @throws IllegalArgumentException if one of them is none of {@link #words}
     */
    public RuleLanguage only(Collection<String> chosen) {
        for (String word : chosen) {
            if (!words.contains(word)) {
                throw new IllegalArgumentException("chosen: wanted some of " + words + ", got " + word);
            }
        }
        return new RuleLanguage(chosen, java);
    }

    /** This language with conditions written in Java. */
    public RuleLanguage with(JavaConditions conditions) {
        return new RuleLanguage(words, conditions);
    }

    /**
     * The rule that a JSON document of at most 64 KiB and 64 levels of nesting describes.
     *
     * @throws RuleException if the text is not JSON or breaks the language; the message names the
     *     place, what was wanted and what came
     */
    public Rule parse(String json) {
        JsonNode document = RuleJson.readDocument("rule", json);
        RuleObject rule = RuleObject.of("rule", document, "an object such as {\"match\": []}")
                .asRoot();
        rule.allowOnly(KEYS);
        Attributes attributes = AttributeParser.parse(rule.get("attributes"));
        ConditionParser conditions = new ConditionParser(attributes, this, rule.get("match"));
        AllOf match = new AllOf(conditions.parseList("match", rule.get("match"), true));
        List<Preference> preferences =
                new PreferenceParser(attributes, this, conditions.sides()).parse(rule.get("prefer"));
        Clock clock = rule.has("clock") ? Clock.of(rule.word("clock", Clock.words())) : Clock.EACH;
        return new Rule(document, attributes, match, preferences, clock);
    }

    /** Refuses a word of the language that is not one of the chosen ones. */
    void requireKnown(String place, String word) {
        if (!words.contains(word)) {
            throw new RuleException(
                    place,
                    "one of the words that this version knows, " + RuleText.alternatives(List.copyOf(words)),
                    RuleText.quoted(word));
        }
    }

    /** The condition that a class makes, for a rule that declares these attributes. */
    JavaCondition load(String place, String className, List<Attribute> declared) {
        if (java == null) {
            throw new RuleException(
                    place,
                    "a class path to load classes from",
                    "none; name the jar with --classpath, or give the matcher a class loader");
        }
        PairCondition condition;
        try {
            condition = java.loader().load(className);
        } catch (Exception | LinkageError e) {
            throw new RuleException(
                    place,
                    "a class on the class path that implements " + PairCondition.class.getName()
                            + " and has a public constructor without parameters",
                    RuleText.quoted(className) + ": " + RuleText.oneLine(e.toString()));
        }
        return new JavaCondition(className, condition, java.failures(), declared);
    }

    private static List<String> allWords() {
        return Stream.of(ConditionParser.words(), List.of("widen", "steps", "optionalAfter"), PreferenceParser.words())
                .flatMap(List::stream)
                .toList();
    }
}
