package io.pgmatch;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchConditions.accessTargetWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.pgmatch.model.PgmatchException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/**
 * What may depend on what: {@code cli → (root) → matching, buffer → rule, store → model}, with {@code
 * embedded} beside them; and what only some packages may do.
 */
final class ArchitectureTest {
    private static final String GENERATED = "io.pgmatch.store.generated..";

    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.pgmatch");

    @Test
    void dependenciesRunOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("cli")
                .definedBy("io.pgmatch.cli..")
                .layer("root")
                .definedBy("io.pgmatch")
                .layer("matching")
                .definedBy("io.pgmatch.matching..")
                .optionalLayer("buffer")
                .definedBy("io.pgmatch.buffer..")
                .layer("rule")
                .definedBy("io.pgmatch.rule..")
                .layer("store")
                .definedBy("io.pgmatch.store..")
                .layer("embedded")
                .definedBy("io.pgmatch.embedded..")
                .layer("model")
                .definedBy("io.pgmatch.model..")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("root")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("embedded")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("matching")
                .mayOnlyBeAccessedByLayers("root")
                .whereLayer("buffer")
                .mayOnlyBeAccessedByLayers("root")
                .whereLayer("rule")
                .mayOnlyBeAccessedByLayers("root", "matching", "buffer")
                .whereLayer("store")
                .mayOnlyBeAccessedByLayers("root", "matching", "buffer")
                .check(OURS);
    }

    @Test
    void theLowestPackageKnowsNothingOfOurs() {
        noClasses()
                .that()
                .resideInAPackage("io.pgmatch.model..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.pgmatch", "io.pgmatch..")
                        .and(DescribedPredicate.not(resideInAnyPackage("io.pgmatch.model.."))))
                .check(OURS);
    }

    @Test
    void ruleAndStoreNeverSeeEachOther() {
        noClasses()
                .that()
                .resideInAPackage("io.pgmatch.rule..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.pgmatch.store..")
                .check(OURS);
        noClasses()
                .that()
                .resideInAPackage("io.pgmatch.store..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.pgmatch.rule..")
                .check(OURS);
    }

    @Test
    void onlyTheStoreKnowsJooqAndFlyway() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.pgmatch.store..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.jooq..", "org.flywaydb..")
                .check(OURS);
    }

    @Test
    void onlyTheCommandLineUsesWhatOnlyTheCommandLineNeeds() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.pgmatch.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "picocli..",
                        "ch.qos.logback..",
                        "com.github.freva..",
                        "org.apache.commons.csv..",
                        "me.tongfei..",
                        "com.zaxxer..")
                .because("an embedding program need not carry them")
                .check(OURS);
    }

    @Test
    void onlyTheCommandLinePrintsAndExits() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.pgmatch.cli..")
                .should(accessTargetWhere(to(System.class, "out|err|in|exit|console|setOut|setErr|setIn|getenv")))
                .orShould(accessTargetWhere(to(Runtime.class, "exit|halt")))
                .orShould(accessTargetWhere(to(Throwable.class, "printStackTrace")))
                .check(OURS);
    }

    @Test
    void rulesArePure() {
        String because = "a rule is judged the same wherever and whenever: its time is handed to it";
        noClasses()
                .that()
                .resideInAPackage("io.pgmatch.rule..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                "java.io..",
                                "java.net..",
                                "java.nio.file..",
                                "java.nio.channels..",
                                "java.sql..",
                                "javax.sql..",
                                "java.util.concurrent..",
                                "org.slf4j..",
                                "org.postgresql..")
                        // What the JSON parser declares, though it reads from memory.
                        .and(DescribedPredicate.not(
                                belongToAnyOf(IOException.class, UncheckedIOException.class, Serializable.class))))
                .because(because)
                .check(OURS);
        noClasses()
                .that()
                .resideInAPackage("io.pgmatch.rule..")
                .should(accessTargetWhere(to(System.class, "nanoTime|currentTimeMillis|getProperty")))
                .orShould(accessTargetWhere(JavaAccess.Predicates.target(owner(resideInAnyPackage("java.time..")))
                        .and(JavaAccess.Predicates.target(nameMatching("now|system.*")))))
                .orShould(accessTargetWhere(to(Math.class, "random")))
                .orShould()
                .dependOnClassesThat(belongToAnyOf(Thread.class, ThreadLocal.class, java.util.Date.class))
                .because(because)
                .check(OURS);
    }

    @Test
    void modelRuleAndStoreStartNoThreads() {
        noClasses()
                .that()
                .resideInAnyPackage("io.pgmatch.model..", "io.pgmatch.rule..", "io.pgmatch.store..")
                .should()
                .dependOnClassesThat(
                        belongToAnyOf(Thread.class, ExecutorService.class, Executors.class, ForkJoinPool.class))
                .check(OURS);
    }

    @Test
    void nobodySubclassesConcurrentClasses() {
        noClasses()
                .should()
                .beAssignableTo(Thread.class)
                .orShould()
                .beAssignableTo(ExecutorService.class)
                .check(OURS);
    }

    @Test
    void whatWeThrowHasOneRoot() {
        classes()
                .that()
                .areAssignableTo(Throwable.class)
                .and()
                .arePublic()
                .should()
                .beAssignableTo(PgmatchException.class)
                .check(OURS);
        assertThat(PgmatchException.class.getPackageName()).isEqualTo("io.pgmatch.model");
    }

    @Test
    void namesSayWhatAThingIs() {
        noClasses()
                .that()
                .resideOutsideOfPackage(GENERATED)
                .should()
                .haveNameMatching(".*(Util|Helper|Manager).*")
                .check(OURS);
    }

    @Test
    void everyPackageSaysThatNothingIsNullUnlessItSaysSo() {
        Set<String> unmarked = new TreeSet<>();
        for (JavaClass type : OURS.that(DescribedPredicate.not(resideInAnyPackage(GENERATED)))) {
            if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                unmarked.add(type.getPackageName());
            }
        }
        assertThat(unmarked).as("packages without @NullMarked").isEmpty();
    }

    /** Accesses to the members of a class whose names match. */
    private static DescribedPredicate<JavaAccess<?>> to(Class<?> type, String names) {
        return JavaAccess.Predicates.target(owner(belongToAnyOf(type)))
                .and(JavaAccess.Predicates.target(nameMatching(names)))
                .as("%s.%s", type.getSimpleName(), names);
    }
}
