package io.pgmatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.pgmatch.model.JudgedCondition;
import io.pgmatch.model.NewTask;
import io.pgmatch.model.PairExplanation;
import io.pgmatch.model.TaskExplanation;
import io.pgmatch.testing.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ExplainTest {
    @RegisterExtension
    private final TestDatabase database = new TestDatabase();

    private Pgmatch pgmatch;

    @BeforeEach
    void createPool() {
        pgmatch = Pgmatch.on(database.dataSource());
        pgmatch.createPool("chess", """
                {"attributes": {"mode": {"type": "text"}, "rating": {"type": "number"}},
                 "match": [{"equal": "mode"},
                           {"distance": "rating", "max": 10, "widen": {"every": "1h", "by": 10, "limit": 90}},
                           {"not": {"equal": "rating"}}]}""");
    }

    @Test
    void twoTasksAreExplainedConditionByConditionInBothDirections() {
        long one = add("A", "blitz", 100);
        long other = add("B", "blitz", 120);

        PairExplanation explanation = pgmatch.explain(null, Long.toString(one), Long.toString(other));

        assertThat(explanation.accepted()).isFalse();
        assertThat(explanation.changesAt())
                .isEqualTo(explanation.first().insertedAt().plus(Duration.ofHours(1)));
        assertThat(explanation.conditions())
                .filteredOn(each -> each.direction().seekerId() == one)
                .extracting(each -> each.place().place(), JudgedCondition::depth, JudgedCondition::holds)
                .containsExactly(
                        tuple("match[0]", 0, true),
                        tuple("match[1]", 0, false),
                        tuple("match[2]", 0, true),
                        tuple("match[2].not", 1, false));
        assertThat(explanation.conditions()).hasSize(8);
        assertThat(explanation.conditions().get(1).compared()).isEqualTo("rating 100 and 120, 20 apart, at most 10");
        assertThat(explanation.conditions().get(5).changesAt())
                .isEqualTo(explanation.second().insertedAt().plus(Duration.ofHours(1)));
    }

    @Test
    void aRefNamesATaskWithinAPool() {
        long one = add("A", "blitz", 100);
        add("B", "blitz", 101);

        assertThat(pgmatch.explain("chess", "A", "B").accepted()).isTrue();
        assertThat(pgmatch.explain("chess", Long.toString(one), "B").first().id())
                .isEqualTo(one);
        assertThatThrownBy(() -> pgmatch.explain(null, "A", "B")).hasMessageContaining("a ref needs --pool");
        assertThatThrownBy(() -> pgmatch.explain("chess", "A", "C"))
                .hasMessage("pool \"chess\": wanted the id or the ref of a waiting task, got \"C\", which is none");
        assertThatThrownBy(() -> pgmatch.explain(null, "999", "998")).hasMessageContaining("none of that id");
        assertThatThrownBy(() -> pgmatch.explain("chess", "A", "A")).hasMessageContaining("twice");
        long elsewhere = pgmatch.add(new NewTask("default", null, "{}", null));
        assertThatThrownBy(() -> pgmatch.explain(null, Long.toString(one), Long.toString(elsewhere)))
                .hasMessageContaining("which never meet");
    }

    @Test
    void aTaskIsHeldAgainstAllOthers() {
        add("A", "blitz", 100);
        add("B", "rapid", 500);
        add("C", "rapid", 105);
        add("D", "blitz", 500);
        add("E", "rapid", 100);

        TaskExplanation explanation = pgmatch.explain("chess", "A");

        assertThat(explanation.read()).isEqualTo(4);
        assertThat(explanation.cut()).isFalse();
        assertThat(explanation.legal()).isZero();
        assertThat(explanation.turnedAway())
                .extracting(each -> each.condition().place(), each -> each.tasks(), each -> each.alone())
                .containsExactly(tuple("match[0]", 3L, 1L), tuple("match[1]", 2L, 1L), tuple("match[2]", 1L, 0L));
        assertThat(explanation.nearest()).isNotNull();
        assertThat(explanation.nearest().second().ref()).isEqualTo("C");

        add("F", "blitz", 101);
        assertThat(pgmatch.explain("chess", "A").legal()).isEqualTo(1);
        assertThat(pgmatch.explain("chess", "A").nearest()).isNull();
    }

    private long add(String ref, String mode, int rating) {
        return pgmatch.add(new NewTask("chess", ref, "{\"mode\": \"" + mode + "\", \"rating\": " + rating + "}", null));
    }
}
