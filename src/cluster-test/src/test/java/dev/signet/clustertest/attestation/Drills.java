package dev.signet.clustertest.attestation;

import dev.signet.clustertest.lab.Kubectl;
import java.util.Map;
import java.util.Optional;

/** What the drills share. */
final class Drills {
  private Drills() {}

  /** Waits for the pods alone: an empty namespace goes by itself, seconds later. */
  static void remove(String namespace) {
    Kubectl.run("delete", "pods", "--all", "-n", namespace, "--grace-period=1", "--timeout=60s")
        .orFail();
    Kubectl.run("delete", "namespace", namespace, "--wait=false").orFail();
  }

  /** What has this name. */
  static <T> T named(Map<String, T> map, String name) {
    return Optional.ofNullable(map.get(name))
        .orElseThrow(() -> new AssertionError("nothing has the name " + name));
  }
}
