package dev.signet.clustertest.faults;

import dev.signet.clustertest.lab.Metrics;
import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.Optional;

/** Kubelet's own count of its NodePublishVolume calls to the driver, since it started. */
record Publishes(double succeeded, double failed) {
  private static final String COUNT = "csi_operations_seconds_count";
  private static final String METHOD = "method_name=\"/csi.v1.Node/NodePublishVolume\"";

  static Publishes of(String node) {
    Metrics metrics = Metrics.ofKubelet(node);
    double ok =
        metrics.sum(COUNT, "driver_name=\"csi.signet.dev\",grpc_status_code=\"OK\"," + METHOD);
    return new Publishes(ok, metrics.sum(COUNT, METHOD) - ok);
  }

  /** Waits until so many have succeeded. */
  static Publishes await(String node, double atLeast) throws InterruptedException {
    return Eventually.await(
            Duration.ofSeconds(60),
            () -> Optional.of(of(node)).filter(seen -> seen.succeeded >= atLeast))
        .orElseThrow(() ->
            new AssertionError("kubelet on " + node + " has not published so often: " + of(node)));
  }
}
