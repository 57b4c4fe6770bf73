package dev.signet.cli.cluster;

import java.util.List;
import java.util.Map;

/**
 * All of the cluster's RBAC.
 *
 * @param roles rules of ClusterRoles and Roles. What an aggregated ClusterRole gathers is in its
 *     rules
 */
public record AccessFacts(Map<RoleKey, List<Rule>> roles, List<Binding> bindings) {
  public AccessFacts {
    roles = Map.copyOf(roles);
    bindings = List.copyOf(bindings);
  }

  /**
   * A role.
   *
   * @param namespace empty for a ClusterRole
   */
  public record RoleKey(String namespace, String name) {}

  /** What a role allows; each list as in the object. */
  public record Rule(
      List<String> verbs,
      List<String> groups,
      List<String> resources,
      List<String> resourceNames,
      List<String> paths) {
    public Rule {
      verbs = List.copyOf(verbs);
      groups = List.copyOf(groups);
      resources = List.copyOf(resources);
      resourceNames = List.copyOf(resourceNames);
      paths = List.copyOf(paths);
    }
  }

  /**
   * Who has a role.
   *
   * @param namespace where it holds; empty for a ClusterRoleBinding
   * @param builtIn whether Kubernetes made it
   */
  public record Binding(
      String namespace, String name, RoleKey role, List<Subject> subjects, boolean builtIn) {
    public Binding {
      subjects = List.copyOf(subjects);
    }

    @Override
    public String toString() {
      return namespace.isEmpty()
          ? "ClusterRoleBinding " + name
          : "RoleBinding " + namespace + "/" + name;
    }
  }

  /**
   * One of those who have it.
   *
   * @param kind {@code ServiceAccount}, {@code User} or {@code Group}
   */
  public record Subject(String kind, String namespace, String name) {}
}
