package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreferenceTest {
    private static final String SIDES = "{'sides': 'side', 'pairs': [['buy', 'sell']]}";

    @Test
    void theOldestIsTheDefault() {
        assertThat(order("", "", "'rating': 1", "'rating': 0", "'rating': 0")).containsExactly(1L, 2L, 3L);
        assertThat(order(", 'prefer': []", "", "'rating': 1", "'rating': 0")).containsExactly(1L, 2L);
        assertThat(order(", 'prefer': ['oldest']", "", "'rating': 1", "'rating': 0"))
                .containsExactly(1L, 2L);
    }

    @Test
    void theNearestIsNearestOnEitherSideAndTiesGoToTheOldest() {
        assertThat(order(
                        ", 'prefer': [{'nearest': 'rating'}]",
                        "'rating': 10",
                        "'rating': 13",
                        "'rating': 8",
                        "'rating': 12",
                        "'mode': 'none'",
                        "'rating': 10.5"))
                .containsExactly(5L, 2L, 3L, 1L, 4L);
    }

    @Test
    void aSeekerWithoutAValueHasNoNearest() {
        assertThat(order(", 'prefer': [{'nearest': 'rating'}]", "", "'rating': 9", "'rating': 8"))
                .containsExactly(1L, 2L);
    }

    @Test
    void timesHaveAnOrderAndADistanceToo() {
        String[] partners = {"'day': '2026-05-03'", "'day': '2026-05-01'", "'day': '2026-05-02T12:00:00+12:00'"};

        assertThat(order(", 'prefer': [{'nearest': 'day'}]", "'day': '2026-05-02'", partners))
                .containsExactly(3L, 1L, 2L);
        assertThat(order(", 'prefer': [{'lowest': 'day'}]", "", partners)).containsExactly(2L, 3L, 1L);
        assertThat(order(", 'prefer': [{'highest': 'day'}]", "", partners)).containsExactly(1L, 3L, 2L);
    }

    @Test
    void theLowestAndTheHighestComeBeforeThoseWithoutAValue() {
        String[] partners = {"'mode': 'none'", "'price': 2", "'price': 1.5"};

        assertThat(order(", 'prefer': [{'lowest': 'price'}]", "", partners)).containsExactly(3L, 2L, 1L);
        assertThat(order(", 'prefer': [{'highest': 'price'}]", "", partners)).containsExactly(2L, 3L, 1L);
    }

    @Test
    void laterPreferencesBreakTheTiesOfEarlierOnes() {
        assertThat(order(
                        ", 'prefer': [{'lowest': 'price'}, {'nearest': 'rating'}]",
                        "'rating': 5",
                        "'price': 2, 'rating': 5",
                        "'price': 1, 'rating': 9",
                        "'price': 1.0, 'rating': 6"))
                .containsExactly(3L, 2L, 1L);
    }

    @Test
    void aSideLooksAtPartnersOfThatSideOnly() {
        String prefer = ", 'prefer': [{'lowest': 'sell.price'}, {'highest': 'buy.price'}]";

        assertThat(order(prefer, "'side': 'buy'", "'side': 'sell', 'price': 3", "'side': 'sell', 'price': 2"))
                .containsExactly(2L, 1L);
        assertThat(order(prefer, "'side': 'sell'", "'side': 'buy', 'price': 2", "'side': 'buy', 'price': 3"))
                .containsExactly(2L, 1L);
        assertThat(order(
                        ", 'prefer': [{'nearest': 'sell.price'}]",
                        "'side': 'buy', 'price': 3",
                        "'side': 'sell', 'price': 5",
                        "'side': 'sell', 'price': 2"))
                .containsExactly(2L, 1L);
    }

    @Test
    void attributesThatOnlyAPreferenceNamesAreRead() {
        assertThat(Judging.rule("", ", 'prefer': [{'nearest': 'rating'}]")
                        .needs()
                        .attributes())
                .isTrue();
        assertThat(Judging.rule("", ", 'prefer': ['oldest']").needs().attributes())
                .isFalse();
    }

    private static List<Long> order(String prefer, String seeker, String... partners) {
        Rule rule = Judging.rule(SIDES, prefer);
        List<Subject> subjects = new ArrayList<>();
        for (int i = partners.length; i > 0; i--) {
            subjects.add(rule.subject(i, Judging.json("{" + partners[i - 1] + "}"), Judging.START));
        }
        subjects.sort(rule.preference(rule.subject(99, Judging.json("{" + seeker + "}"), Judging.START)));
        return subjects.stream().map(Subject::id).toList();
    }
}
