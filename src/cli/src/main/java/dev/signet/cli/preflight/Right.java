package dev.signet.cli.preflight;

/**
 * One right, for one verb.
 *
 * @param group API group; empty for the core group and for a path
 * @param resource with its subresource, as {@code nodes/proxy}; a path for what is no resource
 * @param name the only object it holds for; empty for all
 * @param namespace where it holds; empty for the whole cluster
 */
record Right(String verb, String group, String resource, String name, String namespace) {

  static Right inCluster(String verb, String group, String resource) {
    return new Right(verb, group, resource, "", "");
  }

  static Right in(String namespace, String verb, String resource, String name) {
    return new Right(verb, "", resource, name, namespace);
  }

  /** Whether whoever has this may do {@code other}, too. */
  boolean covers(Right other) {
    return (verb.equals("*") || verb.equals(other.verb))
        && (group.equals("*") || group.equals(other.group))
        && (resource.equals("*") || resource.equals(other.resource))
        && (name.isEmpty() || name.equals(other.name))
        && (namespace.isEmpty() || namespace.equals(other.namespace));
  }

  /** What neither CA nor agent ever has: each of these is, or leads to, being somebody else. */
  boolean forbidden() {
    return verb.equals("*")
        || group.equals("*")
        || resource.equals("*")
        || resource.startsWith("*/")
        || verb.startsWith("impersonate")
        || verb.equals("escalate")
        || verb.equals("bind")
        || switch (resource) {
          case "secrets",
              "serviceaccounts/token",
              "nodes/proxy",
              "pods/exec",
              "pods/attach",
              "pods/ephemeralcontainers" ->
              group.isEmpty();
          default -> false;
        };
  }

  @Override
  public String toString() {
    return verb
        + " "
        + resource
        + (group.isEmpty() ? "" : "." + group)
        + (name.isEmpty() ? "" : " " + name)
        + (namespace.isEmpty() ? "" : " in " + namespace);
  }
}
