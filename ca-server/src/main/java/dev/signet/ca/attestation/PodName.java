package dev.signet.ca.attestation;

import dev.signet.ca.issuance.KubernetesNames;

/** Where a pod is found in the API. */
public record PodName(String namespace, String name) {
  public PodName {
    if (!KubernetesNames.isLabel(namespace) || !KubernetesNames.isSubdomain(name)) {
      throw new IllegalArgumentException("no pod can be called that");
    }
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
