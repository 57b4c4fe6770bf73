package dev.signet.clustertest.attestation;

import dev.signet.clustertest.lab.Kubectl;

/** What the drills share. */
final class Drills {
  private Drills() {}

  /** Pods first: a namespace that holds some is looked at again only seconds later. */
  static void remove(String namespace) {
    Kubectl.run("delete", "pods", "--all", "-n", namespace, "--grace-period=1", "--timeout=60s")
        .orFail();
    Kubectl.run("delete", "namespace", namespace, "--timeout=60s").orFail();
  }
}
