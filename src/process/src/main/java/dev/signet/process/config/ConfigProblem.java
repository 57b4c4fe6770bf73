package dev.signet.process.config;

import java.util.Comparator;

/**
 * One mistake in a configuration file.
 *
 * @param file the file as it was named to the process
 * @param line counted from 1; 0 where the file as a whole is meant
 * @param key the key's full name, parts joined by dots; empty where no key is meant
 * @param text what is wrong and what to do about it, one line
 */
public record ConfigProblem(String file, int line, String key, String text)
    implements Comparable<ConfigProblem> {
  private static final Comparator<ConfigProblem> ORDER =
      Comparator.comparing(ConfigProblem::file)
          .thenComparingInt(ConfigProblem::line)
          .thenComparing(ConfigProblem::key)
          .thenComparing(ConfigProblem::text);

  /** In the order of the file. */
  @Override
  public int compareTo(ConfigProblem other) {
    return ORDER.compare(this, other);
  }

  /** {@code file:line: key: text}. */
  @Override
  public String toString() {
    return file + (line > 0 ? ":" + line : "") + ": " + (key.isEmpty() ? "" : key + ": ") + text;
  }
}
