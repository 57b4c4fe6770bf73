package dev.signet.ca.adapter.kubernetes;

/**
 * One right of RBAC.
 *
 * @param resource with its subresource, such as {@code nodes/proxy}
 * @param namespace empty for all
 * @param name of the one object; empty for all
 */
record Right(String verb, String group, String resource, String namespace, String name) {
  /** In the whole cluster. */
  static Right everywhere(String verb, String group, String resource) {
    return new Right(verb, group, resource, "", "");
  }

  String resourceAlone() {
    int slash = resource.indexOf('/');
    return slash < 0 ? resource : resource.substring(0, slash);
  }

  String subresource() {
    int slash = resource.indexOf('/');
    return slash < 0 ? "" : resource.substring(slash + 1);
  }

  /** As a rule of a role, in YAML's short form. */
  String inRole() {
    return "{apiGroups: [\""
        + group
        + "\"], resources: ["
        + resource
        + "], "
        + (name.isEmpty() ? "" : "resourceNames: [" + name + "], ")
        + "verbs: ["
        + verb
        + "]}";
  }

  /** In words, such as {@code create tokenreviews.authentication.k8s.io}. */
  @Override
  public String toString() {
    return verb
        + " "
        + resource
        + (group.isEmpty() ? "" : "." + group)
        + (namespace.isEmpty() ? "" : " in " + namespace);
  }
}
