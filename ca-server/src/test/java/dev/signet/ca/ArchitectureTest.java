package dev.signet.ca;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dev.signet.ca.issuance.Granted;
import dev.signet.ca.issuance.LeafTemplate;
import dev.signet.ca.issuance.SvidKind;
import java.util.Optional;

/** The rings of DESIGN section 2. */
@AnalyzeClasses(packages = "dev.signet.ca", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final DescribedPredicate<JavaClass> COMPOSITION_ROOT =
      DescribedPredicate.describe(
          "the composition root", type -> type.getPackageName().equals("dev.signet.ca"));

  @ArchTest
  static final ArchRule features_rest_on_the_jdk_spiffe_and_little_else =
      classes()
          .that()
          .resideOutsideOfPackage("dev.signet.ca.adapter..")
          .and(DescribedPredicate.not(COMPOSITION_ROOT))
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "javax.security..",
              "dev.signet.spiffe..",
              "dev.signet.ca..",
              "org.slf4j..",
              "org.jspecify..",
              "com.github.benmanes.caffeine..")
          .because("protobuf, gRPC, Kubernetes, Bouncy Castle and SQL types stop at the adapters");

  @ArchTest
  static final ArchRule features_do_not_know_the_adapters =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.signet.ca.adapter..")
          .and(DescribedPredicate.not(COMPOSITION_ROOT))
          .should()
          .dependOnClassesThat(
              JavaClass.Predicates.resideInAPackage("dev.signet.ca.adapter..").or(COMPOSITION_ROOT))
          .because("dependencies point inwards; declare a port in the feature instead");

  @ArchTest
  static final ArchRule adapters_do_not_know_the_composition_root =
      noClasses()
          .that()
          .resideInAPackage("dev.signet.ca.adapter..")
          .should()
          .dependOnClassesThat(COMPOSITION_ROOT);

  @ArchTest
  static final ArchRule features_have_no_cycles =
      SlicesRuleDefinition.slices()
          .matching("dev.signet.ca.(*)..")
          .namingSlices("$1")
          .should()
          .beFreeOfCycles();

  @ArchTest
  static final ArchRule only_issuance_makes_grants =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.signet.ca.issuance")
          .should()
          .callConstructor(
              Granted.class, SvidKind.class, LeafTemplate.class, Optional.class, Optional.class)
          .because("you cannot sign what was not checked");
}
