package dev.signet.ca.rotation;

/** A node of a cluster, by its names. */
public record NodeRef(String cluster, String nodeName) {
  @Override
  public String toString() {
    return cluster + "/" + nodeName;
  }
}
