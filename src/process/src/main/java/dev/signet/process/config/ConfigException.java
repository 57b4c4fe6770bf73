package dev.signet.process.config;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used. Holds every problem that was found, not the first alone. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<ConfigProblem> problems;

  ConfigException(Collection<ConfigProblem> problems) {
    this.problems = problems.stream().sorted().distinct().toList();
  }

  ConfigException(ConfigProblem problem) {
    this(List.of(problem));
  }

  /** At least one, in the order of the file. */
  public List<ConfigProblem> problems() {
    return problems;
  }

  /** One line for each problem. */
  @Override
  public String getMessage() {
    return problems.stream().map(ConfigProblem::toString).collect(Collectors.joining("\n"));
  }
}
