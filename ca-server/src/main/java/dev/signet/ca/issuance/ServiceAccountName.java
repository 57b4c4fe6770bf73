package dev.signet.ca.issuance;

/** A ServiceAccount by namespace and name, compared exactly. */
public record ServiceAccountName(String namespace, String name) {
  public ServiceAccountName {
    if (!KubernetesNames.isLabel(namespace)) {
      throw new IllegalArgumentException("namespace '" + namespace + "' is no DNS label");
    }
    if (!KubernetesNames.isSubdomain(name)) {
      throw new IllegalArgumentException("account '" + name + "' is no DNS subdomain");
    }
  }

  /** Reads {@code namespace/name}. */
  public static ServiceAccountName parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is no account: write namespace/name, for example signet-system/agent");
    }
    return new ServiceAccountName(text.substring(0, slash), text.substring(slash + 1));
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
