package dev.signet.process.config;

import dev.signet.process.message.Printable;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of time as people write them: a whole number and a unit. */
public final class Durations {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  private Durations() {}

  /**
   * The length of time, if it is in bounds.
   *
   * @throws IllegalArgumentException saying what is legal
   */
  public static Duration parse(String text, Duration min, Duration max) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      String hint = text.matches("\\d+") ? "has no unit" : "is no length of time";
      throw new IllegalArgumentException(
          Printable.quoted(text)
              + " "
              + hint
              + "; write a whole number and ms, s, m, h or d, like "
              + print(min));
    }
    Duration value = Duration.of(Long.parseLong(form.group(1)), unit(form.group(2)));
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          "must be from " + print(min) + " to " + print(max) + ", not " + text);
    }
    return value;
  }

  private static ChronoUnit unit(String name) {
    return switch (name) {
      case "ms" -> ChronoUnit.MILLIS;
      case "s" -> ChronoUnit.SECONDS;
      case "m" -> ChronoUnit.MINUTES;
      case "h" -> ChronoUnit.HOURS;
      default -> ChronoUnit.DAYS;
    };
  }

  /** In the largest unit that gives a whole number. */
  static String print(Duration value) {
    long millis = value.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds % 60 != 0 || seconds == 0) {
      return seconds + "s";
    }
    if (seconds % 3600 != 0) {
      return seconds / 60 + "m";
    }
    return seconds % 86_400 != 0 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
  }
}
