package dev.signet.ca.adapter.kubernetes;

import dev.signet.ca.issuance.KubernetesNames;

/** A ConfigMap by namespace and name. */
public record ConfigMapName(String namespace, String name) {
  public ConfigMapName {
    if (!KubernetesNames.isLabel(namespace)) {
      throw new IllegalArgumentException("namespace '" + namespace + "' is no DNS label");
    }
    if (!KubernetesNames.isSubdomain(name)) {
      throw new IllegalArgumentException("ConfigMap '" + name + "' is no DNS subdomain");
    }
  }

  /** Reads {@code namespace/name}. */
  public static ConfigMapName parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no ConfigMap: write namespace/name, for example signet-system/signet-trust-bundle");
    }
    return new ConfigMapName(text.substring(0, slash), text.substring(slash + 1));
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
