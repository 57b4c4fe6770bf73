package dev.signet.sandbox.api;

import io.kubernetes.client.openapi.models.V1CSIDriver;
import io.kubernetes.client.openapi.models.V1ClusterRole;
import io.kubernetes.client.openapi.models.V1ClusterRoleBinding;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1Node;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.util.Optional;

/** The stored resources that are served, with what the API says of each. */
enum Resource {
  NAMESPACES("", "namespaces", "Namespace", false, false, V1Namespace.class),
  NODES("", "nodes", "Node", false, false, V1Node.class),
  PODS("", "pods", "Pod", true, true, V1Pod.class),
  SERVICE_ACCOUNTS("", "serviceaccounts", "ServiceAccount", true, true, V1ServiceAccount.class),
  CSI_DRIVERS("storage.k8s.io", "csidrivers", "CSIDriver", false, true, V1CSIDriver.class),
  CLUSTER_ROLES(
      "rbac.authorization.k8s.io",
      "clusterroles",
      "ClusterRole",
      false,
      false,
      V1ClusterRole.class),
  CLUSTER_ROLE_BINDINGS(
      "rbac.authorization.k8s.io",
      "clusterrolebindings",
      "ClusterRoleBinding",
      false,
      false,
      V1ClusterRoleBinding.class);

  private final String group;
  private final String plural;
  private final String kind;
  private final boolean namespaced;
  private final boolean returnsDeletedObject;
  private final Class<?> model;

  Resource(
      String group,
      String plural,
      String kind,
      boolean namespaced,
      boolean returnsDeletedObject,
      Class<?> model) {
    this.group = group;
    this.plural = plural;
    this.kind = kind;
    this.namespaced = namespaced;
    this.returnsDeletedObject = returnsDeletedObject;
    this.model = model;
  }

  static Optional<Resource> find(String group, String version, String plural) {
    if (version.equals("v1")) {
      for (Resource resource : values()) {
        if (resource.group.equals(group) && resource.plural.equals(plural)) {
          return Optional.of(resource);
        }
      }
    }
    return Optional.empty();
  }

  /** The API group, empty for the core group. */
  String group() {
    return group;
  }

  String apiVersion() {
    return group.isEmpty() ? "v1" : group + "/v1";
  }

  String plural() {
    return plural;
  }

  /** The resource as error messages name it: {@code pods}, {@code csidrivers.storage.k8s.io}. */
  String qualified() {
    return group.isEmpty() ? plural : plural + "." + group;
  }

  String kind() {
    return kind;
  }

  boolean namespaced() {
    return namespaced;
  }

  /** Whether a completed deletion answers the object itself; the others answer a Status. */
  boolean returnsDeletedObject() {
    return returnsDeletedObject;
  }

  Class<?> model() {
    return model;
  }
}
