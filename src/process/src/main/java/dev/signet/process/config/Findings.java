package dev.signet.process.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What is known of one file while its settings are declared: its problems, and whether settings may
 * be read yet.
 */
final class Findings {
  private final String file;
  private final Path folder;
  private final List<ConfigProblem> problems;
  private boolean open;

  Findings(String file, Path folder, List<ConfigProblem> problems) {
    this.file = file;
    this.folder = folder;
    this.problems = problems;
  }

  /** Where relative paths start. */
  Path folder() {
    return folder;
  }

  void note(int line, String key, String text) {
    problems.add(new ConfigProblem(file, line, key, text));
  }

  void throwIfAny() throws ConfigException {
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
  }

  ConfigException failed(IllegalArgumentException e) {
    return new ConfigException(new ConfigProblem(file, 0, "", text(e)));
  }

  void open() {
    open = true;
  }

  void close() {
    open = false;
  }

  boolean isOpen() {
    return open;
  }

  static String text(RuntimeException e) {
    return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
  }
}
