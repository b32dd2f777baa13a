package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every condition and its negation, at its boundary and with values missing. */
class ConditionTest {
    @ParameterizedTest(name = "{0}: {1} and {2} meet: {3}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        'equal': 'mode' | 'mode': 'a' | 'mode': 'a' | true
        'equal': 'mode' | 'mode': 'a' | 'mode': 'b' | false
        'equal': 'mode' | 'mode': 'a' | '': 0 | false
        'equal': 'mode' | '': 0 | '': 0 | false
        'equal': ['mode', 'rating'] | 'mode': 'a', 'rating': 1 | 'mode': 'a', 'rating': 1.0 | true
        'equal': ['mode', 'rating'] | 'mode': 'a', 'rating': 1 | 'mode': 'a', 'rating': 2 | false
        'equal': ['mode', 'rating'] | 'mode': 'a', 'rating': 1 | 'mode': 'a' | false
        'different': 'mode' | 'mode': 'a' | 'mode': 'b' | true
        'different': 'mode' | 'mode': 'a' | 'mode': 'a' | false
        'different': 'mode' | 'mode': 'a' | '': 0 | true
        'different': 'mode' | '': 0 | '': 0 | true
        'different': 'rating' | 'rating': 1 | 'rating': 1.00 | false
        'different': 'maps' | 'maps': ['a', 'b'] | 'maps': ['b', 'a', 'b'] | false
        'distance': 'rating', 'max': 100 | 'rating': 1500 | 'rating': 1600 | true
        'distance': 'rating', 'max': 100 | 'rating': 1500 | 'rating': 1600.01 | false
        'distance': 'rating', 'max': 0 | 'rating': 1 | 'rating': 1.0 | true
        'distance': 'rating', 'max': 100 | 'rating': 1500 | '': 0 | false
        'distance': 'rating', 'max': 0.1 | 'rating': 0.3 | 'rating': 0.2 | true
        'distance': 'rating', 'max': 0.1 | 'rating': -0.05 | 'rating': 0.05 | true
        'distance': 'rating', 'maxPercent': 1 | 'rating': 100 | 'rating': 99 | true
        'distance': 'rating', 'maxPercent': 1 | 'rating': 100 | 'rating': 98.99 | false
        'distance': 'rating', 'maxPercent': 1 | 'rating': 100 | 'rating': 101.01 | true
        'distance': 'rating', 'maxPercent': 1 | 'rating': 100 | 'rating': 101.02 | false
        'distance': 'rating', 'maxPercent': 1 | 'rating': 0 | 'rating': 0 | true
        'distance': 'rating', 'maxPercent': 1 | 'rating': -100 | 'rating': -99 | true
        'distance': 'rating', 'maxPercent': 200 | 'rating': -100 | 'rating': 100 | true
        'distance': 'rating', 'maxPercent': 199 | 'rating': -100 | 'rating': 100 | false
        'distance': 'day', 'max': '1d' | 'day': '2026-05-01T10:00:00Z' | 'day': '2026-05-02T10:00:00Z' | true
        'distance': 'day', 'max': '1d' | 'day': '2026-05-01T10:00:00Z' | 'day': '2026-05-02T10:00:00.000001Z' | false
        'distance': 'day', 'max': '1h' | 'day': '2026-05-01T10:00+02:00' | 'day': '2026-05-01T09:00Z' | true
        'distance': 'day', 'max': '250ms' | 'day': '2026-05-01' | 'day': '2026-05-01T00:00:00.25' | true
        'sides': 'side', 'pairs': [['buy', 'sell']] | 'side': 'buy' | 'side': 'sell' | true
        'sides': 'side', 'pairs': [['buy', 'sell']] | 'side': 'buy' | 'side': 'buy' | false
        'sides': 'side', 'pairs': [['buy', 'sell']] | 'side': 'buy' | 'side': 'peer' | false
        'sides': 'side', 'pairs': [['buy', 'sell']] | 'side': 'buy' | '': 0 | false
        'sides': 'side', 'pairs': [['buy', 'sell'], ['peer', 'peer']] | 'side': 'peer' | 'side': 'peer' | true
        'sides': 'side', 'pairs': [['buy', 'sell'], ['peer', 'peer']] | 'side': 'peer' | 'side': 'buy' | false
        'overlap': 'maps', 'min': 2 | 'maps': ['a', 'b', 1] | 'maps': ['b', 1.0, 'c'] | true
        'overlap': 'maps', 'min': 2 | 'maps': ['a', 'b', 'b'] | 'maps': ['b', 'b', 'c'] | false
        'overlap': 'maps' | 'maps': ['a'] | 'maps': ['a', 'b'] | true
        'overlap': 'maps' | 'maps': ['1'] | 'maps': [1] | false
        'overlap': 'maps' | 'maps': [] | 'maps': [] | false
        'overlap': 'maps' | 'maps': ['a'] | '': 0 | false
        'within': 'rating', 'range': 'accepts' | 'rating': 5, 'accepts': [1, 9] | 'rating': 9, 'accepts': [5, 5] | true
        'within': 'rating', 'range': 'accepts' | 'rating': 5, 'accepts': [1, 9] | 'rating': 9.1, 'accepts': [5, 5] | false
        'within': 'rating', 'range': 'accepts' | 'rating': 4, 'accepts': [1, 9] | 'rating': 9, 'accepts': [5, 5] | false
        'within': 'rating', 'range': 'accepts' | 'rating': 4, 'accepts': [1, null] | 'rating': 9, 'accepts': [null, 5] | true
        'within': 'rating', 'range': 'accepts' | 'rating': 4, 'accepts': [null, null] | 'rating': 9 | false
        'within': 'rating', 'range': 'accepts' | 'rating': 4, 'accepts': [1, 9] | 'accepts': [1, 9] | false
        'excludes': 'team', 'list': 'blocked' | 'team': 'a', 'blocked': [] | 'team': 'b', 'blocked': ['c'] | true
        'excludes': 'team', 'list': 'blocked' | 'team': 'a', 'blocked': [] | 'team': 'b', 'blocked': ['a'] | false
        'excludes': 'team', 'list': 'blocked' | 'team': 'a', 'blocked': ['b'] | 'team': 'b', 'blocked': [] | false
        'excludes': 'team', 'list': 'blocked' | 'team': 'a', 'blocked': ['a'] | 'team': 'b', 'blocked': [] | true
        'excludes': 'rating', 'list': 'blocked' | 'rating': 1, 'blocked': [] | 'rating': 2, 'blocked': [1.0] | false
        'excludes': 'team', 'list': 'blocked' | 'team': 'a', 'blocked': [] | 'blocked': [] | false
        'excludes': 'team', 'list': 'blocked' | 'team': 'a', 'blocked': [] | 'team': 'b' | false
        'any': [{'equal': 'mode'}, {'equal': 'team'}] | 'mode': 'a', 'team': 'x' | 'mode': 'b', 'team': 'x' | true
        'any': [{'equal': 'mode'}, {'equal': 'team'}] | 'mode': 'a', 'team': 'x' | 'mode': 'b', 'team': 'y' | false
        'any': [{'equal': 'mode'}, {'equal': 'team'}] | 'mode': 'a' | 'mode': 'a', 'team': 'y' | true
        'all': [{'equal': 'mode'}, {'equal': 'team'}] | 'mode': 'a', 'team': 'x' | 'mode': 'a', 'team': 'x' | true
        'all': [{'equal': 'mode'}, {'equal': 'team'}] | 'mode': 'a', 'team': 'x' | 'mode': 'b', 'team': 'x' | false
        """)
    void aConditionIsTrueWhenTheTableSaysSoAndItsNegationWhenNot(
            String condition, String one, String other, boolean meets) {
        Judging judge = Judging.by("{" + condition + "}");
        Judging negated = Judging.by("{'not': {" + condition + "}}");
        Judging doublyNegated = Judging.by("{'not': {'not': {" + condition + "}}}");

        assertThat(judge.accepts(one, other)).isEqualTo(meets);
        assertThat(negated.accepts(one, other)).isEqualTo(!meets);
        assertThat(doublyNegated.accepts(one, other)).isEqualTo(meets);
    }

    @ParameterizedTest(name = "price {0} {1} limit {2}: {3}")
    @CsvSource({
        "1, =, 1.0, true", "1, =, 2, false", "1, !=, 2, true", "1, !=, 1.0, false",
        "1, <, 2, true", "1, <, 1, false", "1, <=, 1, true", "2, <=, 1, false",
        "2, >, 1, true", "1, >, 1, false", "1, >=, 1, true", "1, >=, 2, false"
    })
    void valuesOfTheTwoSidesCompareInEitherOrderOfTheTasks(String price, String operator, String limit, boolean holds) {
        String sides = "{'sides': 'side', 'pairs': [['buy', 'sell']]}";
        String compare = "{'compare': ['buy.price', '" + operator + "', 'sell.limit']}";
        String buyer = "'side': 'buy', 'limit': 77, 'price': " + price;
        String seller = "'side': 'sell', 'price': 77, 'limit': " + limit;

        assertThat(Judging.by(sides + "," + compare).accepts(buyer, seller)).isEqualTo(holds);
        assertThat(Judging.by(sides + ", {'not': " + compare + "}").accepts(buyer, seller))
                .isEqualTo(!holds);
    }

    @Test
    void aComparisonIsFalseWhereAValueIsMissingOrTheSidesAreOthers() {
        Judging judge = Judging.by("{'any': [{'sides': 'side', 'pairs': [['buy', 'sell'], ['lend', 'borrow']]},"
                + " {'equal': 'mode'}]}, {'compare': ['buy.price', '!=', 'sell.price']}");

        judge.assertAccepts("'side': 'buy', 'price': 1", "'side': 'sell', 'price': 2");
        judge.assertRejects("'side': 'buy', 'price': 1", "'side': 'sell'");
        judge.assertRejects("'side': 'lend', 'price': 1", "'side': 'borrow', 'price': 2");
        judge.assertRejects("'mode': 'a', 'price': 1", "'mode': 'a', 'price': 2");
    }

    @Test
    void aComparisonOfEqualSidesMustHoldBothWays() {
        Judging judge = Judging.by(
                "{'sides': 'side', 'pairs': [['peer', 'peer']]}," + " {'compare': ['peer.price', '>=', 'peer.limit']}");

        judge.assertAccepts("'side': 'peer', 'price': 5, 'limit': 3", "'side': 'peer', 'price': 3, 'limit': 5");
        judge.assertRejects("'side': 'peer', 'price': 5, 'limit': 3", "'side': 'peer', 'price': 2, 'limit': 5");
        judge.assertRejects("'side': 'peer', 'price': 5, 'limit': 3", "'side': 'peer', 'price': 3, 'limit': 6");
    }

    @Test
    void textComparesByCodePointNotByCodeUnit() {
        Judging judge = Judging.by(
                "{'sides': 'side', 'pairs': [['buy', 'sell']]}," + " {'compare': ['buy.label', '<', 'sell.label']}");

        judge.assertAccepts("'side': 'buy', 'label': 'Z'", "'side': 'sell', 'label': 'a'");
        judge.assertAccepts("'side': 'buy', 'label': 'a'", "'side': 'sell', 'label': 'ab'");
        // U+FF5E is a smaller code point than U+1F600, whose first code unit is smaller.
        judge.assertAccepts("'side': 'buy', 'label': '\uff5e'", "'side': 'sell', 'label': '\ud83d\ude00'");
        judge.assertRejects("'side': 'buy', 'label': '\ud83d\ude00'", "'side': 'sell', 'label': '\uff5e'");
    }

    @Test
    void allConditionsOfTheListMustHold() {
        Judging judge = Judging.by("{'equal': 'mode'}, {'distance': 'rating', 'max': 10}");

        judge.assertAccepts("'mode': 'a', 'rating': 1", "'mode': 'a', 'rating': 11");
        judge.assertRejects("'mode': 'a', 'rating': 1", "'mode': 'b', 'rating': 11");
        judge.assertRejects("'mode': 'a', 'rating': 1", "'mode': 'a', 'rating': 12");
    }

    @Test
    void theBucketHasOnlyWhatMustAlwaysBeEqual() {
        String conditions = "{'equal': ['team', 'mode']}, {'all': [{'equal': 'flag'}, {'equal': 'mode'}]},"
                + " {'equal': 'label', 'optionalAfter': '5s'}, {'any': [{'equal': 'rating'}]},"
                + " {'not': {'equal': 'price'}}, {'all': [{'equal': 'limit'}], 'optionalAfter': '5s'}";

        assertThat(Judging.by(conditions).rule().compiled()).endsWith("\"bucket\":[\"flag\",\"mode\",\"team\"]}");
    }
}
