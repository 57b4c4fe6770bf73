package dev.signet.cli.cluster;

/** A pod. */
public record PodRef(String namespace, String name) {
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
