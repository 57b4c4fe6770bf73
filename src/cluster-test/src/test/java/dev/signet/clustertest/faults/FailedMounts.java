package dev.signet.clustertest.faults;

import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.ProbePod;
import java.util.List;

/** Kubelet's events about volumes of a pod that it could not mount. */
final class FailedMounts {
  private FailedMounts() {}

  /** Their messages. */
  static List<String> of(ProbePod pod) {
    return Kubectl.get(
            "events",
            "-n",
            pod.namespace(),
            "--field-selector",
            "reason=FailedMount,involvedObject.name=" + pod.name())
        .getAsJsonArray("items")
        .asList()
        .stream()
        .map(event -> Kubectl.text(event.getAsJsonObject(), "message"))
        .toList();
  }
}
