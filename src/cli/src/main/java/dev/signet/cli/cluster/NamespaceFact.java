package dev.signet.cli.cluster;

import java.util.Map;

/** A namespace and its labels. */
public record NamespaceFact(String name, Map<String, String> labels) {
  public NamespaceFact {
    labels = Map.copyOf(labels);
  }
}
