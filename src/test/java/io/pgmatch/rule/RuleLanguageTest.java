package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a rule may not say, and what the message then says. */
class RuleLanguageTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {} | match[0]: wanted a condition such as {'equal': 'mode'}, got {}
        [] | match[0]: wanted a condition such as {'equal': 'mode'}, got []
        {'equal': 'mode', 'different': 'team'} | match[0]: wanted one condition, got 'equal' and 'different'
        {'equal': 'mode', 'optionalAftr': '5s'} | match[0].optionalAftr: wanted one of the keys 'equal' or 'optionalAfter', got 'optionalAftr'; did you mean 'optionalAfter'?
        {'equal': 'mode', 'optionalAfter': 5} | match[0].optionalAfter: wanted a duration such as '250ms', '5s', '2m', '1h' or '1d', at most 36500d, got 5
        {'equal': 'mode', 'optionalAfter': '0s'} | match[0].optionalAfter: wanted more than 0s, got '0s'
        {'different': ['mode']} | match[0].different: wanted the name of a declared attribute, got ['mode']
        {'distance': 'mode', 'max': 1} | match[0].distance: wanted an attribute of type 'number' or 'time', got 'mode' of type 'text'
        {'distance': 'rating'} | match[0]: wanted either max or maxPercent, got neither
        {'distance': 'rating', 'max': 1, 'maxPercent': 1} | match[0]: wanted either max or maxPercent, got both
        {'distance': 'rating', 'max': '5s'} | match[0].max: wanted a number within ±1e100 with at most 100 decimals, got '5s'
        {'distance': 'rating', 'max': -1} | match[0].max: wanted a number of at least 0, got -1
        {'distance': 'rating', 'max': 1e101} | match[0].max: wanted a number within ±1e100
        {'distance': 'day', 'max': 5} | match[0].max: wanted a duration such as
        {'distance': 'day', 'max': '5 s'} | match[0].max: wanted a duration such as
        {'distance': 'day', 'maxPercent': 1} | match[0].maxPercent: wanted max with a duration such as
        {'distance': 'rating', 'max': 1, 'widen': {'evry': '5s'}} | match[0].widen.evry: wanted one of the keys 'every', 'by' or 'limit', got 'evry'; did you mean 'every'?
        {'distance': 'rating', 'max': 1, 'widen': {'every': 5, 'by': 1, 'limit': 2}} | match[0].widen.every: wanted a duration such as
        {'distance': 'rating', 'max': 1, 'widen': {'every': '0.5ms', 'by': 1, 'limit': 2}} | match[0].widen.every: wanted 1ms or more, got '0.5ms'
        {'distance': 'rating', 'max': 1, 'widen': {'every': '5s', 'by': 0, 'limit': 2}} | match[0].widen.by: wanted more than 0, got 0
        {'distance': 'rating', 'max': 1, 'widen': {'every': '5s', 'by': 1}} | match[0].widen.limit: wanted a number within ±1e100 with at most 100 decimals, got nothing
        {'distance': 'rating', 'max': 1, 'widen': {'every': '5s', 'by': 1, 'limit': 1.0}} | match[0].widen.limit: wanted more than 1, got 1
        {'distance': 'rating', 'max': 1, 'widen': {'every': '1d', 'by': 1, 'limit': 36502}} | match[0].widen.limit: wanted a limit that is reached within 36500d, got one that takes longer
        {'distance': 'rating', 'max': 1, 'widen': {'every': '1ms', 'by': 1e-100, 'limit': 1e100}} | match[0].widen.limit: wanted a limit that is reached within
        {'distance': 'rating', 'max': 1, 'widen': []} | match[0].widen: wanted a phase such as
        {'distance': 'rating', 'max': 1, 'widen': 5} | match[0].widen: wanted a phase such as
        {'distance': 'rating', 'max': 1, 'widen': [{'every': '5s', 'by': 1, 'limit': 5}, {'every': '5s', 'by': 1, 'limit': 5}]} | match[0].widen[1].limit: wanted more than 5, got 5
        {'distance': 'day', 'max': '1d', 'widen': {'every': '5s', 'by': '1h', 'limit': '1d'}} | match[0].widen.limit: wanted more than 1d, got '1d'
        {'distance': 'rating', 'max': 1, 'widen': {'every': '5s', 'by': 1, 'limit': 2}, 'steps': []} | match[0]: wanted either widen or steps, got both
        {'distance': 'rating', 'max': 1, 'steps': []} | match[0].steps: wanted a list of steps such as [{'after': '10s', 'max': 200}], got []
        {'distance': 'rating', 'max': 1, 'steps': [{'after': '0s', 'max': 2}]} | match[0].steps[0].after: wanted more than 0s, got '0s'
        {'distance': 'rating', 'max': 1, 'steps': [{'after': '5s', 'max': 1}]} | match[0].steps[0].max: wanted more than 1, got 1
        {'distance': 'rating', 'max': 1, 'steps': [{'after': '5s', 'max': 2}, {'after': '5s', 'max': 3}]} | match[0].steps[1].after: wanted a later time than in the step before, got '5s'
        {'distance': 'rating', 'maxPercent': 1, 'steps': [{'after': '5s', 'max': 2}]} | match[0].steps[0].max: wanted one of the keys 'after' or 'maxPercent', got 'max'
        {'sides': 'rating', 'pairs': [['buy', 'sell']]} | match[0].sides: wanted an attribute of type 'text', got 'rating' of type 'number'
        {'sides': 'side'} | match[0].pairs: wanted a list of pairs such as [['buy', 'sell']], got nothing
        {'sides': 'side', 'pairs': ['buy', 'sell']} | match[0].pairs[0]: wanted two sides such as ['buy', 'sell'], got 'buy'
        {'sides': 'side', 'pairs': [['buy', 'sale']]} | match[0].pairs[0][1]: wanted one of ['buy', 'sell', 'peer', 'lend', 'borrow'], got 'sale'; did you mean 'sell'?
        {'sides': 'mode', 'pairs': [['buy', 1]]} | match[0].pairs[0][1]: wanted a text, got 1
        {'compare': ['buy.price', '<', 'sell.price']} | match[0].compare: wanted a 'sides' condition in the rule, which says what the sides are, got none
        {'overlap': 'mode'} | match[0].overlap: wanted an attribute of type 'set', got 'mode' of type 'text'
        {'overlap': 'maps', 'min': 0} | match[0].min: wanted a whole number from 1 to 65536, got 0
        {'overlap': 'maps', 'min': 1.5} | match[0].min: wanted a whole number from 1 to 65536, got 1.5
        {'within': 'rating'} | match[0].range: wanted the name of a declared attribute, got nothing
        {'within': 'rating', 'range': 'rating'} | match[0].range: wanted an attribute of type 'range', got 'rating' of type 'number'
        {'within': 'day', 'range': 'accepts'} | match[0].within: wanted an attribute of type 'number', got 'day' of type 'time'
        {'excludes': 'maps', 'list': 'blocked'} | match[0].excludes: wanted an attribute of type 'text' or 'number', got 'maps' of type 'set'
        {'excludes': 'team', 'list': 'team'} | match[0].list: wanted an attribute of type 'set', got 'team' of type 'text'
        {'any': []} | match[0].any: wanted a list of at least one condition, got []
        {'all': {'equal': 'mode'}} | match[0].all: wanted a list of at least one condition, got {'equal':'mode'}
        {'not': [{'equal': 'mode'}]} | match[0].not: wanted a condition such as {'equal': 'mode'}, got [{'equal':'mode'}]
        {'any': [{'all': [{'not': {'equal': 'mod'}}]}]} | match[0].any[0].all[0].not.equal: wanted the name of a declared attribute, got 'mod'; did you mean 'mode'?
        {'java': 5} | match[0].java: wanted the name of a class, got 5
        """)
    void aConditionThatBreaksTheLanguageIsRefusedAtItsPlace(String condition, String message) {
        assertRefused(condition, "", message);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        'buy.price < sell.price' | match[1].compare: wanted two sides' attributes and an operator
        ['buy.price', '<'] | match[1].compare: wanted two sides' attributes and an operator
        ['price', '<', 'sell.price'] | match[1].compare[0]: wanted a side's attribute such as "buy.price", got "price"
        ['buy.prise', '<', 'sell.price'] | match[1].compare[0]: wanted a side's attribute such as "buy.price", got "buy.prise"; did you mean "buy.price"?
        ['buy.price', '==', 'sell.price'] | match[1].compare[1]: wanted "=", "!=", "<", "<=", ">" or ">=", got "=="
        ['buy.price', '<', 'sell.team'] | match[1].compare: wanted two attributes of one type, got "number" and "text"
        ['buy.flag', '<', 'sell.flag'] | match[1].compare[0]: wanted an attribute of type "number", "time" or "text", got "buy.flag" of type "boolean"
        ['buy.price', '<', 'buy.limit'] | match[1].compare: wanted two sides that form a pair, got "buy.price" and "buy.limit"
        """)
    void aComparisonNamesSidesThatCanMeet(String compare, String message) {
        String conditions = "{'sides': 'side', 'pairs': [['buy', 'sell']]}, {'compare': " + compare + "}";

        assertThatThrownBy(() -> Judging.rule(conditions, ""))
                .isInstanceOf(RuleException.class)
                .hasMessageStartingWith(message);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        'oldest' | prefer: wanted a list of preferences such as ['oldest'], got 'oldest'
        ['eldest'] | prefer[0]: wanted 'oldest' or a preference such as {'nearest': 'rating'}, got 'eldest'; did you mean 'oldest'?
        [{}] | prefer[0]: wanted 'oldest' or a preference such as {'nearest': 'rating'}, got {}
        [5] | prefer[0]: wanted 'oldest' or a preference such as {'nearest': 'rating'}, got 5
        [{'nearst': 'rating'}] | prefer[0].nearst: wanted one of the keys 'nearest', 'lowest' or 'highest', got 'nearst'; did you mean 'nearest'?
        [{'nearest': 'rating', 'lowest': 'price'}] | prefer[0]: wanted 'oldest' or a preference such as
        [{'nearest': 'raiting'}] | prefer[0].nearest: wanted the name of a declared attribute, got 'raiting'; did you mean 'rating'?
        [{'lowest': 'mode'}] | prefer[0].lowest: wanted an attribute of type 'number' or 'time', got 'mode' of type 'text'
        [{'lowest': 'sell.price'}] | prefer[0].lowest: wanted the name of a declared attribute, got 'sell.price'
        """)
    void aPreferenceThatBreaksTheLanguageIsRefusedAtItsPlace(String prefer, String message) {
        assertThatThrownBy(() -> Judging.rule("", ", 'prefer': " + prefer))
                .isInstanceOf(RuleException.class)
                .hasMessageStartingWith(Judging.json(message));
    }

    @Test
    void aNameWithSeveralMeaningsIsRefused() {
        String attributes = "{'attributes': {'side': {'type': 'text'}, 'price': {'type': 'number'},"
                + " 'buy.price': {'type': 'number'}, 'x.price': {'type': 'number'}},"
                + " 'match': [{'sides': 'side', 'pairs': [['buy', 'sell'], ['buy.x', 'sell']]}";

        assertThatThrownBy(() -> Rule.parse(Judging.json(attributes + "], 'prefer': [{'lowest': 'buy.price'}]}")))
                .hasMessage("prefer[0].lowest: wanted a name with one meaning, got \"buy.price\", which has several");
        assertThatThrownBy(() ->
                        Rule.parse(Judging.json(attributes + ", {'compare': ['buy.x.price', '<', 'sell.price']}]}")))
                .hasMessage(
                        "match[1].compare[0]: wanted a name with one meaning, got \"buy.x.price\", which has several");
    }

    @Test
    void sidesMayBeNamedBeforeTheConditionThatBringsThem() {
        assertThat(Judging.rule(
                        "{'compare': ['buy.price', '<', 'sell.price']},"
                                + " {'all': [{'sides': 'side', 'pairs': [['sell', 'buy']]}]}",
                        ""))
                .isNotNull();
    }

    @Test
    void conditionsNestAsDeepAsDocumentsMay() {
        String deepest = "{'not': ".repeat(61) + "{'equal': 'mode'}" + "}".repeat(61);
        String deeper = "{'not': ".repeat(62) + "{'equal': 'mode'}" + "}".repeat(62);

        assertThat(Judging.rule(deepest, "")).isNotNull();
        assertRefused(deeper, "", "rule: wanted at most 64 levels of nesting, got more");
    }

    @Test
    void aPartOfTheLanguageRefusesTheRestByName() {
        RuleLanguage part = RuleLanguage.whole().only(List.of("equal", "distance"));

        assertThat(part.parse(Judging.source("{'equal': 'mode'}, {'distance': 'rating', 'max': 5}", "")))
                .isNotNull();
        for (String conditions : List.of(
                "{'different': 'mode'}",
                "{'equal': 'mode', 'optionalAfter': '5s'}",
                "{'distance': 'rating', 'max': 5, 'widen': {'every': '5s', 'by': 1, 'limit': 7}}")) {
            assertThatThrownBy(() -> part.parse(Judging.source(conditions, "")))
                    .isInstanceOf(RuleException.class)
                    .hasMessageContaining("wanted one of the words that this version knows, \"distance\" or \"equal\"");
        }
        assertThatThrownBy(() -> part.parse(Judging.source("", ", 'prefer': [{'lowest': 'price'}]")))
                .hasMessageContaining("got \"lowest\"");
        assertThatThrownBy(() -> part.only(List.of("sides"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theWordsOfTheLanguageAreKnown() {
        assertThat(RuleLanguage.words().stream().sorted().collect(Collectors.toList()))
                .containsExactly(
                        "all",
                        "any",
                        "compare",
                        "different",
                        "distance",
                        "equal",
                        "excludes",
                        "highest",
                        "java",
                        "lowest",
                        "nearest",
                        "not",
                        "optionalAfter",
                        "overlap",
                        "sides",
                        "steps",
                        "widen",
                        "within");
    }

    private static void assertRefused(String conditions, String more, String message) {
        assertThatThrownBy(() -> Judging.rule(conditions, more))
                .isInstanceOf(RuleException.class)
                .hasMessageStartingWith(Judging.json(message))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }
}
