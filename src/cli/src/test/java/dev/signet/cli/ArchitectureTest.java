package dev.signet.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Which part may know which. What concerns one module alone (the SDK's interface, that {@code
 * src/spiffe} needs nothing but the JDK) is tested there.
 *
 * <p>A rule that would have nothing to check fails; {@link RulesCatchTest} shows that the rules of
 * {@link ForbiddenCallsTest} see what they forbid.
 */
@AnalyzeClasses(locations = Compiled.Main.class)
class ArchitectureTest {
  private static final String[] PROCESSES = {"dev.signet.ca..", "dev.signet.agent.."};
  private static final String[] ROOTS = {"dev.signet.ca", "dev.signet.agent"};
  private static final String ADAPTERS = "..adapter..";

  // A feature is what is neither adapter nor composition root.
  private static final DescribedPredicate<JavaClass> FEATURES =
      resideInAnyPackage(PROCESSES)
          .and(not(resideInAnyPackage(ROOTS)))
          .and(not(resideInAPackage(ADAPTERS)))
          .as("features of the processes");

  private static final DescribedPredicate<JavaClass> CONFIG = resideInAPackage("..config..");

  // java.sql comes with the JDK, and is an adapter's matter like any database.
  private static final DescribedPredicate<JavaClass> LANGUAGE =
      resideInAnyPackage(
              "java..", "javax.security..", "javax.net..", "javax.crypto..", "org.jspecify..")
          .and(not(resideInAPackage("java.sql..")));

  @ArchTest
  static final ArchRule modules_dependOneWay =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("proto")
          .definedBy("dev.signet.proto..")
          .layer("spiffe")
          .definedBy("dev.signet.spiffe..")
          .layer("process")
          .definedBy("dev.signet.process..")
          .layer("ca-server")
          .definedBy("dev.signet.ca..")
          .layer("node-agent")
          .definedBy("dev.signet.agent..")
          .layer("workload-sdk")
          .definedBy("dev.signet.workload..")
          .layer("sandbox")
          .definedBy("dev.signet.sandbox..")
          .layer("cli")
          .definedBy("dev.signet.cli..")
          .whereLayer("proto")
          .mayNotAccessAnyLayer()
          .whereLayer("spiffe")
          .mayNotAccessAnyLayer()
          .whereLayer("process")
          .mayNotAccessAnyLayer()
          .whereLayer("ca-server")
          .mayOnlyAccessLayers("proto", "spiffe", "process")
          .whereLayer("node-agent")
          .mayOnlyAccessLayers("proto", "spiffe", "process")
          .whereLayer("workload-sdk")
          .mayOnlyAccessLayers("proto", "spiffe")
          .whereLayer("sandbox")
          .mayOnlyAccessLayers(
              "proto", "spiffe", "process", "ca-server", "node-agent", "workload-sdk")
          .because(
              "the CA and the agents meet on the wire alone, and what applications depend on stays small");

  // Caffeine reaches nothing outside: to a feature it is a collection that forgets.
  @ArchTest
  static final ArchRule features_dependOnTheJdkAndSpiffeAlone =
      classes()
          .that(FEATURES.and(not(CONFIG)))
          .should()
          .onlyDependOnClassesThat(
              LANGUAGE
                  .or(
                      resideInAnyPackage(
                          "org.slf4j..", "com.github.benmanes.caffeine..", "dev.signet.spiffe.."))
                  .or(FEATURES))
          .because(
              "protobuf, gRPC, Netty, Kubernetes, Bouncy Castle, SQL and metrics types stop at the adapters: give the"
                  + " feature a port and put the library behind it");

  @ArchTest
  static final ArchRule configuration_alsoKnowsTheConfigurationReader =
      classes()
          .that(FEATURES.and(CONFIG))
          .should()
          .onlyDependOnClassesThat(
              LANGUAGE
                  .or(
                      resideInAnyPackage(
                          "org.slf4j..", "dev.signet.spiffe..", "dev.signet.process.config.."))
                  .or(FEATURES))
          .because(
              "a configuration record is read from a file and is otherwise a feature like any other");

  @ArchTest
  static final ArchRule adapters_doNotKnowTheCompositionRoot =
      noClasses()
          .that()
          .resideInAPackage(ADAPTERS)
          .and()
          .resideInAnyPackage(PROCESSES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ROOTS)
          .because("the composition root knows the parts, and no part knows it");

  @ArchTest
  static final ArchRule adaptersOfTheCa_doNotKnowEachOther =
      slices()
          .matching("dev.signet.ca.adapter.(*)..")
          .should()
          .notDependOnEachOther()
          // Which provider signs and verifies is chosen once, for the keys as for the certificates;
          // and the gRPC endpoint is
          // a TLS endpoint.
          .ignoreDependency(
              resideInAPackage("dev.signet.ca.adapter.."),
              resideInAPackage("dev.signet.ca.adapter.crypto.."))
          .ignoreDependency(
              resideInAPackage("dev.signet.ca.adapter.grpc.."),
              resideInAPackage("dev.signet.ca.adapter.tls.."))
          .because("what two adapters need is a matter of a feature, or of one adapter");

  @ArchTest
  static final ArchRule adaptersOfTheAgent_doNotKnowEachOther =
      slices()
          .matching("dev.signet.agent.adapter.(*)..")
          .should()
          .notDependOnEachOther()
          // Both gRPC servers of the agent listen on Unix sockets: the transport is one thing.
          .ignoreDependency(
              resideInAPackage("dev.signet.agent.adapter.."),
              resideInAPackage("dev.signet.agent.adapter.unix.."))
          // System calls: files and sockets are looked at through the same few.
          .ignoreDependency(
              resideInAPackage("dev.signet.agent.adapter.."),
              resideInAPackage("dev.signet.agent.adapter.linux.."))
          .because("what two adapters need is a matter of a feature, or of one adapter");

  @ArchTest
  static final ArchRule featuresOfTheCa_haveNoCycle =
      slices().matching("dev.signet.ca.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule featuresOfTheAgent_haveNoCycle =
      slices().matching("dev.signet.agent.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packagesOfProcess_haveNoCycle =
      slices().matching("dev.signet.process.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packagesOfTheSandbox_haveNoCycle =
      slices().matching("dev.signet.sandbox.(*)..").should().beFreeOfCycles();

  // What the command knows of a cluster, and how it judges.
  private static final String[] CLI_FEATURES = {
    "dev.signet.cli.cluster..",
    "dev.signet.cli.preflight..",
    "dev.signet.cli.trust..",
    "dev.signet.cli.volumes.."
  };

  @ArchTest
  static final ArchRule featuresOfTheCli_dependOnTheJdkAndSpiffeAlone =
      classes()
          .that()
          .resideInAnyPackage(CLI_FEATURES)
          .should()
          .onlyDependOnClassesThat(
              LANGUAGE
                  .or(resideInAnyPackage("dev.signet.spiffe.."))
                  // What a rotation is made of is not written down a second time.
                  .or(
                      resideInAnyPackage(
                          "dev.signet.ca.authority..",
                          "dev.signet.ca.issuance..",
                          "dev.signet.ca.keys..",
                          "dev.signet.ca.rotation.."))
                  .or(resideInAnyPackage(CLI_FEATURES)))
          .because(
              "a check judges facts: what a cluster says is read in the adapter, and what is printed is written by the"
                  + " command");

  @ArchTest
  static final ArchRule featuresOfTheCli_haveNoCycle =
      slices().matching("dev.signet.cli.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule adapterOfTheCli_doesNotKnowTheCommands =
      noClasses()
          .that()
          .resideInAPackage("dev.signet.cli.adapter..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.signet.cli")
          .because("the commands know the parts, and no part knows them");

  @ArchTest
  static final ArchRule kubernetesClient_isNotForTheAgent =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.signet.ca..", "dev.signet.sandbox..", "dev.signet.cli.adapter.kubernetes..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.kubernetes..")
          .because("an agent has no Kubernetes permission, and no use for a client");
}
