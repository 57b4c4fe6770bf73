package dev.signet.ca.adapter.kubernetes;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong between this CA and the API server, by part. Tells the operator once when a part
 * breaks and once when it is whole again. Thread-safe.
 */
final class KubernetesHealth {
  private static final Logger log = LoggerFactory.getLogger(KubernetesHealth.class);

  private final Consumer<Optional<String>> listener;
  private final Map<String, String> problems = new TreeMap<>();

  /**
   * Starts with what is not known yet.
   *
   * @param listener gets all problems in one line, or empty if there is none
   */
  KubernetesHealth(Consumer<Optional<String>> listener) {
    this.listener = listener;
  }

  /** Nothing is wrong, and nothing is known to be right. */
  synchronized void unknown(String part, String why) {
    problems.put(part, why);
    tell();
  }

  synchronized void broken(String part, String why) {
    if (!why.equals(problems.put(part, why))) {
      log.warn("Kubernetes, {}: {}", part, why);
      tell();
    }
  }

  synchronized void well(String part) {
    if (problems.remove(part) != null) {
      log.info("Kubernetes, {}: well", part);
    }
    tell();
  }

  private void tell() {
    listener.accept(
        problems.isEmpty()
            ? Optional.empty()
            : Optional.of(
                problems.entrySet().stream()
                    .map(problem -> problem.getKey() + ": " + problem.getValue())
                    .collect(Collectors.joining("; "))));
  }
}
