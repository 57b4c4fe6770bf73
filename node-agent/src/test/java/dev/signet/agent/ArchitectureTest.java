package dev.signet.agent;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;

/**
 * The agent's rings: features know the JDK and SPIFFE alone, adapters know features, main knows
 * all.
 */
@AnalyzeClasses(packages = "dev.signet.agent", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String[] FEATURES = {
    "dev.signet.agent.loop..",
    "dev.signet.agent.pod..",
    "dev.signet.agent.bundle..",
    "dev.signet.agent.cache..",
    "dev.signet.agent.svid..",
    "dev.signet.agent.upstream..",
    "dev.signet.agent.volume.."
  };

  @ArchTest
  static final ArchRule FEATURES_KNOW_THE_JDK_AND_SPIFFE =
      noClasses()
          .that()
          .resideInAnyPackage(FEATURES)
          .should()
          .dependOnClassesThat(
              not(
                  resideInAnyPackage(
                      "java..",
                      "javax..",
                      "org.slf4j..",
                      "org.jspecify..",
                      "dev.signet.spiffe..",
                      "dev.signet.agent.loop..",
                      "dev.signet.agent.pod..",
                      "dev.signet.agent.bundle..",
                      "dev.signet.agent.cache..",
                      "dev.signet.agent.svid..",
                      "dev.signet.agent.upstream..",
                      "dev.signet.agent.volume..")))
          .because("protobuf, gRPC, Netty and Micrometer stop at the adapters");

  @ArchTest
  static final ArchRule FEATURES_HAVE_NO_CYCLES =
      slices().matching("dev.signet.agent.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule NOTHING_KNOWS_MAIN =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.signet.agent")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.signet.agent")
          .because("only the composition root puts things together");

  @ArchTest
  static final ArchRule NO_KUBERNETES_CLIENT =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.kubernetes..", "org.bouncycastle..")
          .because("the agent has no Kubernetes permission, and no library it can do without");

  @ArchTest
  static final ArchRule TIME_IS_GIVEN =
      noClasses()
          .that()
          .doNotHaveSimpleName("NodeAgent")
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Clock.class, "systemUTC")
          .because("time is an argument: take an InstantSource");

  @ArchTest
  static final ArchRule MONOTONIC_TIME_IS_THE_LOOPS =
      noClasses()
          .that()
          .doNotHaveSimpleName("ThreadLoop")
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(Thread.class, "sleep", long.class)
          .because("timers and durations come from AgentLoop");
}
