package dev.signet.sample;

import java.security.Security;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One class for each rule, which breaks it. Never run. In a package of its own, which is not marked
 * for nullness, so that no exception of a rule covers it.
 */
@SuppressWarnings({
  "unused",
  "StringCaseLocaleUsage",
  "DefaultCharset",
  "JavaUtilDate",
  "ThreadSleep",
  "SystemOut"
})
public final class Forbidden {
  private Forbidden() {}

  static final class ReadsTheClock {
    Instant now() {
      return Instant.now();
    }
  }

  static final class RefersToTheClock {
    Supplier<Instant> clock() {
      return Instant::now;
    }
  }

  static final class TakesTheSystemsClock {
    InstantSource clock() {
      return InstantSource.system();
    }
  }

  static final class UsesTheDefaultLocale {
    String text(int value) {
      return "%d".formatted(value);
    }
  }

  static final class RefersToTheDefaultLocale {
    List<String> texts(List<String> values) {
      return values.stream().map(String::toLowerCase).toList();
    }
  }

  static final class UsesTheDefaultCharset {
    byte[] bytes(String value) {
      return value.getBytes();
    }
  }

  static final class Sleeps {
    void sleep() throws InterruptedException {
      Thread.sleep(1);
    }
  }

  static final class SleepsInUnits {
    void sleep() throws InterruptedException {
      TimeUnit.SECONDS.sleep(1);
    }
  }

  static final class Prints {
    void print() {
      System.out.println("x");
    }
  }

  static final class PrintsATrace {
    void print(Exception e) {
      e.printStackTrace();
    }
  }

  static final class RollsADie {
    int roll() {
      return new Random().nextInt();
    }
  }

  static final class InstallsAProvider {
    int install() {
      return Security.addProvider(Security.getProvider("SUN"));
    }
  }

  static final class Exits {
    void exit() {
      System.exit(0);
    }
  }

  @org.junit.jupiter.api.Disabled
  static final class Skipped {}

  static final class NameImpl {}

  static final class NameUtils {}

  static final class ThingManager {}
}
