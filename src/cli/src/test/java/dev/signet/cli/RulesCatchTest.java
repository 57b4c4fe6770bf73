package dev.signet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.signet.cli.Rules.OfTests;
import dev.signet.cli.Rules.OfTheProduct;
import dev.signet.sample.Forbidden;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A rule that catches nothing looks like a rule that is kept: each is shown what it is there for.
 */
class RulesCatchTest {
  private static final JavaClasses SAMPLES =
      new ClassFileImporter().importPackagesOf(Forbidden.class);

  static Stream<Arguments> rules() {
    return Stream.of(
        arguments(
            "clock",
            OfTheProduct.clock,
            List.of("ReadsTheClock", "RefersToTheClock", "TakesTheSystemsClock")),
        arguments(
            "localeAndCharset",
            OfTheProduct.localeAndCharset,
            List.of("UsesTheDefaultLocale", "RefersToTheDefaultLocale", "UsesTheDefaultCharset")),
        arguments("sleep", OfTheProduct.sleep, List.of("Sleeps", "SleepsInUnits")),
        arguments("sleep", OfTests.sleep, List.of("Sleeps", "SleepsInUnits")),
        arguments("console", OfTheProduct.console, List.of("Prints", "PrintsATrace")),
        arguments("random", OfTheProduct.random, List.of("RollsADie")),
        arguments("providers", OfTheProduct.providers, List.of("InstallsAProvider")),
        arguments("exit", OfTheProduct.exit, List.of("Exits")),
        arguments("nullness", OfTheProduct.nullness, List.of("Sleeps")),
        arguments("names", OfTheProduct.names, List.of("NameImpl", "NameUtils")),
        arguments("managers", OfTheProduct.managers, List.of("ThingManager")),
        arguments("skipped", OfTests.skipped, List.of("Skipped")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void rule_catchesItsSamples(String name, ArchRule rule, List<String> samples) {
    String report = rule.evaluate(SAMPLES).getFailureReport().toString();
    assertThat(samples)
        .isNotEmpty()
        .allSatisfy(sample -> assertThat(report).contains("$" + sample));
  }

  @Test
  void everyRule_isShownAtWork() {
    List<Object> shown = rules().map(arguments -> arguments.get()[1]).toList();
    assertThat(Stream.of(OfTheProduct.class, OfTests.class).flatMap(RulesCatchTest::rulesOf))
        .isSubsetOf(shown);
  }

  private static Stream<Object> rulesOf(Class<?> holder) {
    return Arrays.stream(holder.getDeclaredFields())
        .filter(field -> field.isAnnotationPresent(ArchTest.class))
        .map(field -> {
          try {
            return field.get(null);
          } catch (IllegalAccessException e) {
            throw new AssertionError(e);
          }
        });
  }
}
