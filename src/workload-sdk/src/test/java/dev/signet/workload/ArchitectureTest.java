package dev.signet.workload;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Instant;

@AnalyzeClasses(
    packages = "dev.signet.workload",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final DescribedPredicate<JavaClass> WIRE =
      DescribedPredicate.describe(
          "a type of gRPC, Protocol Buffers or Netty",
          type ->
              type.getPackageName().startsWith("io.grpc")
                  || type.getPackageName().startsWith("com.google")
                  || type.getPackageName().startsWith("dev.signet.proto"));

  @ArchTest
  static final ArchRule PUBLIC_SIGNATURES_KNOW_NO_WIRE_TYPE =
      methods()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat()
          .arePublic()
          .should(mentionOnlyTypesThatAreNot(WIRE))
          .because("an application does not depend on how the source talks to its agent");

  @ArchTest
  static final ArchRule WIRE_TYPES_STAY_BEHIND_THE_CLIENT =
      noClasses()
          .that()
          .haveSimpleNameStartingWith("Spiffe")
          .or()
          .haveSimpleName("X509Context")
          .or()
          .haveSimpleName("X509Source")
          .or()
          .haveSimpleName("SourceState")
          .or()
          .haveSimpleName("Authorizer")
          .should()
          .dependOnClassesThat(WIRE)
          .because("TLS and the content of a source are ours; the wire stops at WorkloadApiClient");

  @ArchTest
  static final ArchRule CLASSES_ARE_FINAL =
      classes()
          .that()
          .areNotInterfaces()
          .and()
          .areNotEnums()
          .and()
          .doNotHaveSimpleName("WorkloadException")
          .and()
          .doNotHaveModifier(JavaModifier.SYNTHETIC)
          .should()
          .haveModifier(JavaModifier.FINAL)
          .because("nothing here is made to be extended");

  @ArchTest
  static final ArchRule TIME_IS_INJECTED =
      noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Thread.class, "sleep", long.class)
          .because("time comes from SourceRuntime.clock(), waits from SourceRuntime.executor()");

  private static ArchCondition<JavaMethod> mentionOnlyTypesThatAreNot(
      DescribedPredicate<JavaClass> forbidden) {
    return new ArchCondition<>("mention no " + forbidden.getDescription()) {
      @Override
      public void check(JavaMethod method, ConditionEvents events) {
        boolean mentioned =
            forbidden.test(method.getRawReturnType())
                || method.getRawParameterTypes().stream().anyMatch(forbidden);
        if (mentioned) {
          events.add(SimpleConditionEvent.violated(method, method.getFullName()));
        }
      }
    };
  }
}
