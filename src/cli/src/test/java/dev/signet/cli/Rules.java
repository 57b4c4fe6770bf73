package dev.signet.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * What no code here calls, and what to use in its place; and what every package and class keeps.
 * Each rule is shown at work by {@link RulesCatchTest}.
 */
final class Rules {
  /**
   * Where a process or program is put together: the only places that may take the real clock and
   * hand it on.
   */
  private static final Set<String> COMPOSITION_ROOTS =
      Set.of(
          "dev.signet.ca.CaServer",
          "dev.signet.ca.Main",
          "dev.signet.agent.NodeAgent",
          "dev.signet.agent.Main",
          "dev.signet.workload.SourceRuntime",
          "dev.signet.sandbox.kubelet.Kubelet",
          "dev.signet.sandbox.world.World",
          "dev.signet.sandbox.world.CaClient",
          "dev.signet.cli.Main");

  private Rules() {}

  /** For the product. */
  static final class OfTheProduct {
    private OfTheProduct() {}

    @ArchTest
    static final ArchRule clock =
        noClasses()
            .that(areNoneOf(COMPOSITION_ROOTS))
            .should()
            .accessTargetWhere(
                isAnyOf(
                    "the clock of the system",
                    "java.time.Instant.now",
                    "java.time.InstantSource.system",
                    "java.time.Clock.system",
                    "java.time.Clock.systemUTC",
                    "java.time.Clock.systemDefaultZone",
                    "java.time.LocalDate.now",
                    "java.time.LocalDateTime.now",
                    "java.time.OffsetDateTime.now",
                    "java.time.ZonedDateTime.now",
                    "java.util.Calendar.getInstance",
                    "java.util.Date.<init>()",
                    "java.lang.System.currentTimeMillis"))
            .because(
                "time is an argument: inject a java.time.InstantSource (System.nanoTime for time that has passed)");

    @ArchTest
    static final ArchRule localeAndCharset =
        noClasses()
            .should()
            .accessTargetWhere(
                isAnyOf(
                    "what depends on the default locale or charset",
                    "java.lang.String.toLowerCase()",
                    "java.lang.String.toUpperCase()",
                    "java.lang.String.format(java.lang.String, [Ljava.lang.Object;)",
                    "java.lang.String.formatted",
                    "java.lang.String.getBytes()",
                    "java.lang.String.<init>([B)",
                    "java.lang.String.<init>([B, int, int)",
                    "java.io.ByteArrayOutputStream.toString()",
                    "java.io.InputStreamReader.<init>(java.io.InputStream)",
                    "java.io.OutputStreamWriter.<init>(java.io.OutputStream)",
                    "java.io.FileReader.<init>(java.lang.String)",
                    "java.io.FileReader.<init>(java.io.File)",
                    "java.io.FileWriter.<init>(java.lang.String)",
                    "java.io.FileWriter.<init>(java.io.File)",
                    "java.io.PrintStream.<init>(java.io.OutputStream)",
                    "java.io.PrintStream.<init>(java.io.OutputStream, boolean)",
                    "java.io.PrintStream.printf(java.lang.String, [Ljava.lang.Object;)",
                    "java.io.PrintStream.format(java.lang.String, [Ljava.lang.Object;)",
                    "java.io.PrintWriter.<init>(java.io.OutputStream)",
                    "java.io.PrintWriter.<init>(java.io.OutputStream, boolean)",
                    "java.io.PrintWriter.printf(java.lang.String, [Ljava.lang.Object;)",
                    "java.util.Formatter.<init>()",
                    "java.util.Formatter.<init>(java.lang.Appendable)",
                    "java.util.Locale.getDefault",
                    "java.util.Scanner.<init>(java.io.InputStream)",
                    "java.nio.charset.Charset.defaultCharset",
                    "java.text.NumberFormat.getInstance()",
                    "java.text.DecimalFormat.<init>(java.lang.String)",
                    "java.text.SimpleDateFormat.<init>(java.lang.String)",
                    "java.time.format.DateTimeFormatter.ofPattern(java.lang.String)"))
            .because(
                "the same bytes and words must come out on every machine: pass Locale.ROOT (String.format(Locale.ROOT, ...))"
                    + " or StandardCharsets.UTF_8");

    @ArchTest static final ArchRule sleep = noSleep();

    @ArchTest
    static final ArchRule console =
        noClasses()
            .that()
            .haveSimpleNameNotEndingWith("Main")
            .and()
            .resideOutsideOfPackages("dev.signet.cli..", "dev.signet.sandbox.demo..")
            .should()
            .accessTargetWhere(
                isAnyOf(
                    "the terminal",
                    "java.lang.System.out",
                    "java.lang.System.err",
                    "java.lang.Throwable.printStackTrace()"))
            .because(
                "a library or process does not own the terminal: log through slf4j, or return what is to be printed");

    @ArchTest
    static final ArchRule random =
        noClasses()
            .that(areNoneOf(COMPOSITION_ROOTS))
            .should()
            .accessTargetWhere(
                isAnyOf(
                    "a source of chance of its own",
                    "java.util.Random.<init>",
                    "java.util.SplittableRandom.<init>",
                    "java.util.concurrent.ThreadLocalRandom.current",
                    "java.util.random.RandomGenerator.getDefault",
                    "java.lang.Math.random",
                    "java.lang.StrictMath.random"))
            .because(
                "chance is an argument: inject a java.util.random.RandomGenerator, which is a java.security.SecureRandom"
                    + " wherever somebody must not guess it");

    @ArchTest
    static final ArchRule providers =
        noClasses()
            .should()
            .accessTargetWhere(
                isAnyOf(
                    "the list of installed providers",
                    "java.security.Security.addProvider",
                    "java.security.Security.insertProviderAt",
                    "java.security.Security.removeProvider"))
            .because(
                "a provider that is installed changes cryptography for all code in the JVM: hold it, and pass it to"
                    + " getInstance(algorithm, provider)");

    @ArchTest
    static final ArchRule exit =
        noClasses()
            .that()
            .haveSimpleNameNotEndingWith("Main")
            .and()
            .doNotHaveFullyQualifiedName("dev.signet.process.StopSignal")
            .should()
            .accessTargetWhere(
                isAnyOf(
                    "the end of the process",
                    "java.lang.System.exit",
                    "java.lang.Runtime.exit",
                    "java.lang.Runtime.halt"))
            .because("only a main ends the process: throw, or return an exit code");

    @ArchTest
    static final ArchRule nullness =
        classes()
            .that()
            .resideOutsideOfPackage("dev.signet.proto..")
            .should(beInAPackageMarkedForNullness())
            .because("NullAway is silent in a package without @NullMarked: add package-info.java");

    @ArchTest
    static final ArchRule names =
        noClasses()
            .that()
            .resideOutsideOfPackage("dev.signet.proto..")
            .should()
            .haveNameMatching(".*(Impl|Utils?|Helpers?)")
            .because(
                "such a name says nothing: name the class after what it does, or where it keeps to, in the domain's words");

    @ArchTest
    static final ArchRule managers =
        classes()
            .that()
            .haveSimpleNameEndingWith("Manager")
            .should()
            .haveNameMatching(".*(Key|Trust)Manager")
            .because("only the field's own KeyManager, and what JCA calls so, is a Manager here");
  }

  /** For tests. */
  static final class OfTests {
    private OfTests() {}

    @ArchTest static final ArchRule sleep = noSleep();

    @ArchTest
    static final ArchRule skipped =
        noClasses()
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.junit.jupiter.api.Disabled")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.junit.jupiter.api.Assumptions")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.assertj.core.api.Assumptions")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("org.junit.jupiter.api.condition..")
            .because(
                "a test that does not run proves nothing, and looks as if it did: make it run, or remove it");
  }

  private static ArchRule noSleep() {
    return noClasses()
        .should()
        .accessTargetWhere(
            isAnyOf("a sleep", "java.lang.Thread.sleep", "java.util.concurrent.TimeUnit.sleep"))
        .because(
            "what is waited for has a condition: await it (latch, queue, future), or schedule on an injected"
                + " ScheduledExecutorService");
  }

  private static DescribedPredicate<JavaClass> areNoneOf(Set<String> names) {
    return DescribedPredicate.describe(
        "are no composition root", item -> !names.contains(outermost(item).getFullName()));
  }

  private static JavaClass outermost(JavaClass item) {
    return item.getEnclosingClass().map(Rules::outermost).orElse(item);
  }

  /**
   * Calls, references and reads of one of {@code members}. A method is also meant where it is
   * called on a subclass, a constructor is not.
   */
  private static DescribedPredicate<JavaAccess<?>> isAnyOf(String label, String... members) {
    List<Member> forbidden = Stream.of(members).map(Member::parse).toList();
    return DescribedPredicate.describe(
        "is " + label, access -> forbidden.stream().anyMatch(member -> member.isTargetOf(access)));
  }

  /**
   * A method, constructor or field.
   *
   * @param signature the name, for all that have it, or the name and the parameters, for exactly
   *     that one
   */
  private record Member(String owner, String signature) {
    static Member parse(String text) {
      int end = text.indexOf('(') < 0 ? text.length() : text.indexOf('(');
      int dot = text.lastIndexOf('.', end - 1);
      return new Member(text.substring(0, dot), text.substring(dot + 1));
    }

    boolean isTargetOf(JavaAccess<?> access) {
      String targetOwner = access.getTargetOwner().getFullName();
      String target = access.getTarget().getFullName().substring(targetOwner.length() + 1);
      return (target.equals(signature) || target.startsWith(signature + "("))
          && (signature.startsWith("<init>")
              ? targetOwner.equals(owner)
              : access.getTargetOwner().isAssignableTo(owner));
    }
  }

  private static ArchCondition<JavaClass> beInAPackageMarkedForNullness() {
    return new ArchCondition<>("be in a package marked with @NullMarked") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        boolean marked = item.getPackage().isAnnotatedWith(NullMarked.class);
        events.add(
            new SimpleConditionEvent(
                item, marked, item.getName() + " is in a package that is not @NullMarked"));
      }
    };
  }
}
