package io.pgmatch.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.pgmatch.Matcher;
import io.pgmatch.Pgmatch;
import io.pgmatch.model.PgmatchException;
import io.pgmatch.testing.TestDatabase;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Conditions that are compiled here and loaded from where they were compiled to, as from --classpath. */
class JavaConditionMatchingTest {
    private static final String RULE = """
            {"attributes": {"word": {"type": "text", "optional": true}},
             "match": [{"java": "com.acme.SameLength"}]}""";

    @RegisterExtension
    private final TestDatabase database = new TestDatabase();

    @TempDir
    private Path directory;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.pgmatch.Matcher");
    private URLClassLoader classes;
    private Pgmatch pgmatch;

    @BeforeEach
    void compile() throws IOException {
        Path source = directory.resolve("SameLength.java");
        Files.writeString(source, """
                package com.acme;

                import io.pgmatch.rule.PairCondition;
                import io.pgmatch.rule.Subject;

                public final class SameLength implements PairCondition {
                    @Override
                    public boolean holds(Subject seeker, Subject partner) {
                        return ((String) seeker.value("word")).length() == ((String) partner.value("word")).length();
                    }
                }
                """);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertThat(compiler.run(
                        null,
                        null,
                        null,
                        "-classpath",
                        System.getProperty("java.class.path"),
                        "-d",
                        directory.toString(),
                        source.toString()))
                .isZero();
        classes = new URLClassLoader(
                new URL[] {directory.toUri().toURL()}, getClass().getClassLoader());
        pgmatch = Pgmatch.on(database.dataSource()).withClassLoader(classes);
        pgmatch.createPool("words", RULE);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void close() throws IOException {
        logger.detachAppender(log);
        classes.close();
    }

    @Test
    void aClassDecidesAndItsExceptionsFailComparisonsOnly() throws Exception {
        insert("words", "{}", "{\"word\": \"one\"}", "{\"word\": \"three\"}", "{\"word\": \"two\"}", "{}");
        try (Matcher matcher =
                Matcher.builder(database.dataSource()).classLoader(classes).build()) {
            matcher.start();
            matcher.awaitDrained();
            assertThat(matcher.counts().failedComparisons()).isPositive();
        }
        assertThat(database.queryAll("SELECT first_attributes ->> 'word' || ' ' || (second_attributes ->> 'word')"
                        + " FROM pgmatch.matched_pairs"))
                .containsExactly("one two");
        assertThat(messages("SameLength failed")).as("one line for one failure").hasSize(1);
        assertThat(pgmatch.audit("words").get(0).breaches()).isEmpty();
        assertThat(pgmatch.audit("words").get(0).legalPairsLeft()).isZero();
    }

    @Test
    void aPoolWhoseClassIsMissingIsLeftAloneAndTheOthersAreNot() throws Exception {
        insert("words", "{\"word\": \"one\"}", "{\"word\": \"two\"}");
        insert("default", "{}", "{}");
        try (Matcher matcher = Matcher.builder(database.dataSource()).build()) {
            matcher.start();
            await("the other pool is matched").until(() -> matcher.counts().pairs() == 1);
            await("the log says so")
                    .until(() -> !messages("leaving a pool alone").isEmpty());
        }
        assertThat(messages("leaving a pool alone"))
                .singleElement()
                .asString()
                .contains("pool \"words\"")
                .contains("match[0].java: wanted a class path");
        assertThat(database.count("SELECT count(*) FROM pgmatch.tasks WHERE pool = 'words'"))
                .isEqualTo(2);
    }

    @Test
    void withoutTheClassARuleIsRefusedAndAMatcherOfThatPoolDoesNotStart() {
        assertThatThrownBy(() -> Pgmatch.on(database.dataSource()).createPool("more", RULE))
                .isInstanceOf(PgmatchException.class)
                .hasMessageContaining("--classpath");
        try (Matcher matcher =
                Matcher.builder(database.dataSource()).pools(List.of("words")).build()) {
            assertThatThrownBy(matcher::start)
                    .isInstanceOf(PgmatchException.class)
                    .hasMessageStartingWith("pool \"words\", its rule: match[0].java: wanted a class path");
        }
        assertThat(Pgmatch.searchPlan(RULE).paged()).hasSize(1);
    }

    private List<String> messages(String part) {
        return List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(message -> message.contains(part))
                .toList();
    }

    private void insert(String pool, String... tasks) {
        for (String task : tasks) {
            database.execute("INSERT INTO pgmatch.tasks (pool, attributes) VALUES ('" + pool + "', '" + task + "')");
        }
    }
}
