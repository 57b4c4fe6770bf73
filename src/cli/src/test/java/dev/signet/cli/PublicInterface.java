package dev.signet.cli;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** What users of a class see of it. */
final class PublicInterface {
  private PublicInterface() {}

  /**
   * A public or protected method, constructor or supertype of a public class names a type from one
   * of {@code packages}.
   */
  static ArchCondition<JavaClass> showTypesOf(List<String> packages) {
    return new ArchCondition<>("show types of " + packages) {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        if (item.getModifiers().contains(JavaModifier.PUBLIC)) {
          shown(item)
              .filter(type ->
                  packages.stream().anyMatch(name -> type.getPackageName().startsWith(name)))
              .forEach(type ->
                  events.add(
                      SimpleConditionEvent.satisfied(
                          item, item.getName() + " shows " + type.getName())));
        }
      }
    };
  }

  private static Stream<JavaClass> shown(JavaClass item) {
    Stream<JavaClass> units =
        item.getCodeUnits().stream()
            .filter(unit ->
                unit.getModifiers().contains(JavaModifier.PUBLIC)
                    || unit.getModifiers().contains(JavaModifier.PROTECTED))
            .flatMap(PublicInterface::types);
    Stream<JavaClass> supertypes =
        Stream.concat(item.getRawSuperclass().stream(), item.getRawInterfaces().stream());
    return Stream.concat(units, supertypes);
  }

  private static Stream<JavaClass> types(JavaCodeUnit unit) {
    return Stream.of(
            unit.getRawParameterTypes(), List.of(unit.getRawReturnType()), unit.getExceptionTypes())
        .flatMap(Collection::stream);
  }
}
