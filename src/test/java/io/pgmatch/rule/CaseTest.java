package io.pgmatch.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The acceptance cases, run through the plain sequential loop: tasks arrive one by one, each
 * chooses among all that wait, and who finds nobody sleeps until its rule changes.
 */
class CaseTest {
    private static final Path CASES = Path.of("src/test/resources/cases");

    static Stream<Path> cases() throws IOException {
        try (Stream<Path> files = Files.list(CASES)) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theTimelineComesOutAsExpected(Path file) throws IOException {
        JsonNode run = new ObjectMapper()
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .readTree(file.toFile());
        Rule rule = Rule.parse(run.get("rule").toString());
        Pool pool = new Pool(rule);
        for (JsonNode event : run.get("timeline")) {
            Instant now = Judging.at(event.get("at").textValue());
            pool.advance(now);
            event.path("add").forEach(task -> pool.add(task, now));
            event.path("cancel").forEach(ref -> pool.cancel(ref.textValue()));
            for (JsonNode task : event.path("refuse")) {
                assertThatThrownBy(() -> rule.check(task.get("attributes").toString()))
                        .as("%s at %s", task, event.get("at"))
                        .isInstanceOf(RuleException.class);
            }
            if (event.has("expect")) {
                assertThat(pool.pairs).as("pairs at %s", event.get("at")).isEqualTo(pairs(event.get("expect")));
                assertThat(pool.waitingRefs())
                        .as("waiting at %s", event.get("at"))
                        .isEqualTo(refs(event.get("expect").get("waiting")));
            }
        }
    }

    @Test
    void theCasesAreThere() throws IOException {
        assertThat(cases().count()).isGreaterThanOrEqualTo(6);
    }

    private static Set<Set<String>> pairs(JsonNode expected) {
        Set<Set<String>> pairs = new HashSet<>();
        expected.get("pairs").forEach(pair -> pairs.add(refs(pair)));
        return pairs;
    }

    private static Set<String> refs(JsonNode list) {
        Set<String> refs = new HashSet<>();
        list.forEach(ref -> refs.add(ref.textValue()));
        return refs;
    }

    /** A task that waits, and when it searches again. */
    private record Sleeper(Subject subject, Instant wakes) {
        long id() {
            return subject.id();
        }
    }

    /** The waiting tasks of one pool, and the pairs made so far. */
    private static final class Pool {
        private static final Comparator<Sleeper> FIRST_TO_WAKE =
                Comparator.comparing(Sleeper::wakes).thenComparing(Sleeper::id);

        private final Rule rule;
        private final TreeMap<Long, Sleeper> waiting = new TreeMap<>();
        private final Map<Long, String> refs = new HashMap<>();
        private final Set<Set<String>> pairs = new HashSet<>();
        private long lastId;

        Pool(Rule rule) {
            this.rule = rule;
        }

        void add(JsonNode task, Instant now) {
            String attributes = task.get("attributes").toString();
            rule.check(attributes);
            Subject subject = rule.subject(++lastId, attributes, now);
            refs.put(subject.id(), task.get("ref").textValue());
            search(subject, now);
        }

        void cancel(String ref) {
            waiting.keySet().removeIf(id -> ref.equals(refs.get(id)));
        }

        void advance(Instant now) {
            Optional<Sleeper> next = waiting.values().stream().min(FIRST_TO_WAKE);
            while (next.isPresent() && !next.get().wakes().isAfter(now)) {
                search(next.get().subject(), next.get().wakes());
                next = waiting.values().stream().min(FIRST_TO_WAKE);
            }
        }

        Set<String> waitingRefs() {
            return waiting.keySet().stream().map(refs::get).collect(Collectors.toSet());
        }

        private void search(Subject seeker, Instant now) {
            Optional<Subject> partner = waiting.values().stream()
                    .map(Sleeper::subject)
                    .filter(other -> rule.accepts(seeker, other, now))
                    .min(rule.preference(seeker));
            if (partner.isEmpty()) {
                waiting.put(seeker.id(), new Sleeper(seeker, rule.nextChange(seeker, now)));
            } else {
                pairs.add(Stream.of(seeker, partner.get())
                        .map(member -> refs.get(member.id()))
                        .collect(Collectors.toSet()));
                waiting.remove(seeker.id());
                waiting.remove(partner.get().id());
            }
        }
    }
}
